using Unstale.Values;

namespace Unstale.Predicates;

/// <summary>
/// Rows of one table on which a value depends: those that satisfy all terms and residuals. The affecting columns decide the result beside them.
/// </summary>
internal sealed class RowPredicate
{
    /// <summary>Maximum number of values of a term. A term with more is dropped.</summary>
    public const int MostValues = 256;

    /// <summary>Maximum length of a name, in characters. A longer predicate is replaced by one without residuals, or by its table.</summary>
    public const int LongestName = 4096;

    /// <summary>Columns of the residuals.</summary>
    private readonly string[] _columns;

    private RowPredicate(string table, Term[] terms, Residual[] residuals, string[]? affecting, string? name)
    {
        Table = table;
        Terms = terms;
        Residuals = residuals;
        Affecting = affecting;
        Name = name ?? RowText.Format(this);
        Home = HomeOf(terms);
        _columns = residuals.Length == 0 ? [] : ColumnsOf(residuals);
    }

    public string Table { get; }

    public IReadOnlyList<Term> Terms { get; }

    /// <summary>Conditions that are no terms.</summary>
    public IReadOnlyList<Residual> Residuals { get; }

    /// <summary>Whether a condition restricts the rows.</summary>
    public bool HasConditions => Terms.Count + Residuals.Count > 0;

    /// <summary>Columns that decide the result beside the conditions, in order; null for all columns.</summary>
    public IReadOnlyList<string>? Affecting { get; }

    /// <summary>Name by which entries carry the predicate, see <see cref="DependencyTag.IsPredicate"/>.</summary>
    public string Name { get; }

    /// <summary>Term by which the predicate is indexed: the first set, else the first range; null for none.</summary>
    public Term? Home { get; }

    /// <summary>Creates a predicate.</summary>
    /// <param name="table">Name of the table.</param>
    /// <param name="terms">Conditions, the most selective first.</param>
    /// <param name="affecting">Columns that decide the result beside the conditions; null for all.</param>
    /// <param name="residuals">Conditions that are no terms; null for none.</param>
    public static RowPredicate Create(string table, IEnumerable<Term> terms, IEnumerable<string>? affecting, IEnumerable<Residual>? residuals = null)
    {
        var columns = affecting is null ? null : new SortedSet<string>(affecting, StringComparer.Ordinal);
        var kept = new List<Term>();
        foreach (var term in terms)
        {
            if (term.Values.Length <= MostValues)
                kept.Add(term);
            else
                columns?.Add(term.Column);
        }

        return WithShortName(new RowPredicate(table, [.. kept], [.. residuals ?? []], columns is null ? null : [.. columns], name: null));
    }

    /// <summary>Creates a predicate of terms below the maximum and of columns in order, without a copy of either.</summary>
    public static RowPredicate CreateSorted(string table, Term[] terms, Residual[] residuals, string[] affecting) =>
        WithShortName(new RowPredicate(table, terms, residuals, affecting, name: null));

    /// <summary>Creates a predicate with the name that was read.</summary>
    public static RowPredicate FromName(string name, string table, Term[] terms, Residual[] residuals, string[]? affecting) => new(table, terms, residuals, affecting, name);

    /// <summary>Creates the predicate that every change of a table hits.</summary>
    public static RowPredicate OfTable(string table) => new(table, [], [], affecting: null, name: null);

    /// <summary>Returns whether a change of the predicate's table may change the result. Unknown means hit.</summary>
    public bool IsHitBy(RowChange change) => change.Operation switch
    {
        RowOperation.Insert => May(change.New),
        RowOperation.Delete => May(change.Old),
        RowOperation.Update => IsConcerned(change) && IsHitByUpdate(change),
        RowOperation.BulkDelete => !Contradicts(change.Where),
        RowOperation.BulkUpdate => IsConcerned(change) && (!Contradicts(change.Where) || MayAfter(change)),
        _ => true,
    };

    private static RowPredicate WithShortName(RowPredicate predicate)
    {
        if (predicate.Name.Length <= LongestName)
            return predicate;
        return predicate.Residuals.Count == 0
            ? OfTable(predicate.Table)
            : Create(predicate.Table, predicate.Terms, predicate.Affecting is { } affecting ? [.. affecting, .. predicate._columns] : null);
    }

    private bool IsHitByUpdate(RowChange change)
    {
        if (!May(change.Old) && !May(change.New))
            return false;
        return IsAffected(change) || !Must(change.Old) || !Must(change.New);
    }

    /// <summary>Returns whether a column of a condition, or an affecting one, may have changed.</summary>
    private bool IsConcerned(RowChange change)
    {
        if (IsAffected(change))
            return true;
        foreach (var term in Terms)
        {
            if (change.MayHaveChanged(term.Column))
                return true;
        }

        foreach (var column in _columns)
        {
            if (change.MayHaveChanged(column))
                return true;
        }

        return false;
    }

    private bool IsAffected(RowChange change)
    {
        if (Affecting is null)
            return change.Changed is not { Count: 0 };
        for (var i = 0; i < Affecting.Count; i++)
        {
            if (change.MayHaveChanged(Affecting[i]))
                return true;
        }

        return false;
    }

    private bool May(in ColumnValues row)
    {
        foreach (var term in Terms)
        {
            if (term.Holds(row) == Truth.False)
                return false;
        }

        return MaySatisfyResiduals(row);
    }

    /// <summary>
    /// Returns whether a row of a bulk change may satisfy the conditions after the change. A column that was not written has a value that the statement selected.
    /// </summary>
    private bool MayAfter(RowChange change)
    {
        foreach (var term in Terms)
        {
            if (change.MayHaveChanged(term.Column) ? term.Holds(change.New) == Truth.False : IsContradicted(term, change.Where))
                return false;
        }

        return MaySatisfyResiduals(change.New);
    }

    private bool MaySatisfyResiduals(in ColumnValues row)
    {
        foreach (var residual in Residuals)
        {
            if (!residual.Judge(row).HasFlag(Outcomes.True))
                return false;
        }

        return true;
    }

    private bool Must(in ColumnValues row)
    {
        foreach (var term in Terms)
        {
            if (term.Holds(row) != Truth.True)
                return false;
        }

        foreach (var residual in Residuals)
        {
            if (residual.Judge(row) != Outcomes.True)
                return false;
        }

        return true;
    }

    private bool Contradicts(IReadOnlyList<Term> where)
    {
        foreach (var term in Terms)
        {
            if (IsContradicted(term, where))
                return true;
        }

        return false;
    }

    private static bool IsContradicted(Term term, IReadOnlyList<Term> where)
    {
        for (var i = 0; i < where.Count; i++)
        {
            if (term.IsDisjointFrom(where[i]))
                return true;
        }

        return false;
    }

    private static string[] ColumnsOf(Residual[] residuals)
    {
        var columns = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var residual in residuals)
            residual.AddColumns(columns);
        return [.. columns];
    }

    private static Term? HomeOf(Term[] terms) => Array.Find(terms, static term => !term.IsRange) ?? (terms.Length == 0 ? null : terms[0]);
}
