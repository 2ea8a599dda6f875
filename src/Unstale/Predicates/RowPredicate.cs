using Unstale.Values;

namespace Unstale.Predicates;

/// <summary>
/// Rows of one table on which a value depends: those that satisfy all terms. The affecting columns decide the result beside the terms.
/// </summary>
internal sealed class RowPredicate
{
    /// <summary>Maximum number of values of a term. A term with more is dropped.</summary>
    public const int MostValues = 256;

    /// <summary>Maximum length of a name, in characters. A longer predicate is replaced by its table.</summary>
    public const int LongestName = 4096;

    private RowPredicate(string table, Term[] terms, string[]? affecting, string? name)
    {
        Table = table;
        Terms = terms;
        Affecting = affecting;
        Name = name ?? RowText.Format(this);
        Home = HomeOf(terms);
    }

    public string Table { get; }

    public IReadOnlyList<Term> Terms { get; }

    /// <summary>Columns that decide the result beside the terms, in order; null for all columns.</summary>
    public IReadOnlyList<string>? Affecting { get; }

    /// <summary>Name by which entries carry the predicate, see <see cref="DependencyTag.IsPredicate"/>.</summary>
    public string Name { get; }

    /// <summary>Term by which the predicate is indexed: the first set, else the first range; null for none.</summary>
    public Term? Home { get; }

    /// <summary>Creates a predicate.</summary>
    /// <param name="table">Name of the table.</param>
    /// <param name="terms">Conditions, the most selective first.</param>
    /// <param name="affecting">Columns that decide the result beside the terms; null for all.</param>
    public static RowPredicate Create(string table, IEnumerable<Term> terms, IEnumerable<string>? affecting)
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

        var predicate = new RowPredicate(table, [.. kept], columns is null ? null : [.. columns], name: null);
        return predicate.Name.Length <= LongestName ? predicate : OfTable(table);
    }

    /// <summary>Creates a predicate of terms below the maximum and of columns in order, without a copy of either.</summary>
    public static RowPredicate CreateSorted(string table, Term[] terms, string[] affecting)
    {
        var predicate = new RowPredicate(table, terms, affecting, name: null);
        return predicate.Name.Length <= LongestName ? predicate : OfTable(table);
    }

    /// <summary>Creates a predicate with the name that was read.</summary>
    public static RowPredicate FromName(string name, string table, Term[] terms, string[]? affecting) => new(table, terms, affecting, name);

    /// <summary>Creates the predicate that every change of a table hits.</summary>
    public static RowPredicate OfTable(string table) => new(table, [], affecting: null, name: null);

    /// <summary>Returns whether a change of the predicate's table may change the result. Unknown means hit.</summary>
    public bool IsHitBy(RowChange change) => change.Operation switch
    {
        RowOperation.Insert => May(change.New),
        RowOperation.Delete => May(change.Old),
        RowOperation.Update => IsConcerned(change) && IsHitByUpdate(change),
        RowOperation.BulkDelete => !Contradicts(change.Where),
        RowOperation.BulkUpdate => IsConcerned(change) && (!Contradicts(change.Where) || May(change.New)),
        _ => true,
    };

    private bool IsHitByUpdate(RowChange change)
    {
        if (!May(change.Old) && !May(change.New))
            return false;
        return IsAffected(change) || !Must(change.Old) || !Must(change.New);
    }

    /// <summary>Returns whether a column of a term, or an affecting one, may have changed.</summary>
    private bool IsConcerned(RowChange change)
    {
        if (IsAffected(change))
            return true;
        foreach (var term in Terms)
        {
            if (change.MayHaveChanged(term.Column))
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

        return true;
    }

    private bool Must(in ColumnValues row)
    {
        foreach (var term in Terms)
        {
            if (term.Holds(row) != Truth.True)
                return false;
        }

        return true;
    }

    private bool Contradicts(IReadOnlyList<Term> where)
    {
        foreach (var term in Terms)
        {
            for (var i = 0; i < where.Count; i++)
            {
                if (term.IsDisjointFrom(where[i]))
                    return true;
            }
        }

        return false;
    }

    private static Term? HomeOf(Term[] terms) => Array.Find(terms, static term => !term.IsRange) ?? (terms.Length == 0 ? null : terms[0]);
}
