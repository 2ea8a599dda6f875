using Unstale.Predicates;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>One occurrence of a table in a plan: the predicate of which each execution binds the values.</summary>
internal sealed class TableTemplate
{
    private readonly TermTemplate[] _terms;
    private readonly ResidualTemplate[] _residuals;
    private readonly string[] _affecting;
    private readonly RowPredicate? _whole;
    private readonly bool _isConstant;
    private Bound? _bound;

    /// <param name="table">Name of the table.</param>
    /// <param name="terms">Terms, the home first.</param>
    /// <param name="residuals">Conditions that are no terms.</param>
    /// <param name="affecting">Columns that decide the result beside the conditions.</param>
    public TableTemplate(string table, TermTemplate[] terms, ResidualTemplate[] residuals, IEnumerable<string> affecting)
    {
        Table = table;
        _terms = terms;
        _residuals = residuals;
        _affecting = [.. affecting.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        _isConstant = Array.TrueForAll(terms, static term => term.Values.IsConstant) && Array.TrueForAll(residuals, static residual => residual.IsConstant);
    }

    /// <summary>Table of which every change matters.</summary>
    public TableTemplate(string table)
        : this(table, [], [], []) => _whole = RowPredicate.OfTable(table);

    /// <summary>Name of the table.</summary>
    public string Table { get; }

    /// <summary>Column with the keys that an execution meets; null if the rows are not read by keys.</summary>
    public MetColumn? Met { get; init; }

    /// <summary>First column of the order of a plan with a limit; null if another table has it, or none.</summary>
    public LimitColumn? Limit { get; init; }

    /// <summary>Whether the rows of an execution are part of its predicate.</summary>
    public bool IsMet => Met is not null || Limit is not null;

    /// <summary>Returns the predicate of one execution whose rows were read.</summary>
    public RowPredicate Bind(IReadOnlyDictionary<string, object?> parameters, ColumnHash hash, MetValues met)
    {
        var predicate = Bind(parameters, hash);
        var (keys, last) = (Met?.Bind(hash, met), Limit?.Bind(parameters, hash, met));
        if (keys is null && last is null)
            return predicate;
        var (terms, residuals) = (new List<Term>(predicate.Terms), new List<Residual>(predicate.Residuals));
        if (keys is not null)
            terms.Insert(0, keys);
        if (last is { } bound)
            Limit!.AddTo(terms, residuals, bound);
        return RowPredicate.Create(Table, terms, predicate.Affecting, residuals);
    }

    /// <summary>Returns the predicate of one execution.</summary>
    public RowPredicate Bind(IReadOnlyDictionary<string, object?> parameters, ColumnHash hash)
    {
        if (_whole is not null)
            return _whole;

        // Threads may race: each creates an equal predicate.
        if (_isConstant && _bound is { } bound && bound.Hash == hash)
            return bound.Predicate;
        var dropped = new List<string>();
        var terms = BindTerms(parameters, hash, dropped);
        Residual[] residuals = _residuals.Length == 0 ? [] : BindResiduals(parameters, hash, dropped);
        string[] affecting = dropped.Count == 0 ? _affecting : [.. _affecting.Union(dropped, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var predicate = RowPredicate.CreateSorted(Table, [.. terms], residuals, affecting);
        if (_isConstant)
            _bound = new Bound(hash, predicate);
        return predicate;
    }

    /// <summary>Binds the terms that the execution allows.</summary>
    /// <param name="parameters">Parameters of the execution.</param>
    /// <param name="hash">Creates the forms.</param>
    /// <param name="dropped">Receives the columns of the other terms.</param>
    public List<Term> BindTerms(IReadOnlyDictionary<string, object?> parameters, ColumnHash hash, List<string> dropped)
    {
        var terms = new List<Term>(_terms.Length);
        foreach (var template in _terms)
        {
            if (template.Bind(parameters, hash) is not { } term)
                dropped.Add(template.Column);
            else if (term.IsRange)
                AddRange(terms, term);
            else
                terms.Add(term);
        }

        return terms;
    }

    /// <summary>Adds a range, or its bound to an earlier range of the same column, so that both form one interval.</summary>
    public static void AddRange(List<Term> terms, Term range)
    {
        if (!TryNarrow(terms, range))
            terms.Add(range);
    }

    private Residual[] BindResiduals(IReadOnlyDictionary<string, object?> parameters, ColumnHash hash, List<string> dropped)
    {
        var bound = new List<Residual>(_residuals.Length);
        foreach (var template in _residuals)
        {
            if (template.Bind(parameters, hash) is { } residual)
                bound.Add(residual);
            else
                dropped.AddRange(template.Columns);
        }

        return [.. bound];
    }

    private static bool TryNarrow(List<Term> terms, Term range)
    {
        var at = terms.FindIndex(term => term.IsRange && string.Equals(term.Column, range.Column, StringComparison.Ordinal));
        if (at < 0 || (terms[at].From is null) == (range.From is null))
            return false;
        var (from, to) = range.From is null ? (terms[at].From, range.To) : (range.From, terms[at].To);
        if (!from!.Value.IsComparable(to!.Value))
            return false;
        terms[at] = Term.Between(range.Column, from, to);
        return true;
    }

    private sealed record Bound(ColumnHash Hash, RowPredicate Predicate);
}
