using System.Collections;
using Unstale.Predicates;
using Unstale.Values;

namespace Unstale;

/// <summary>
/// Rows of one table that a query can return: conditions on columns, all of which must hold. Immutable; each method returns a new predicate. Pass it to
/// <see cref="LoadContext.DependsOn"/>.
/// </summary>
/// <remarks>
/// <para>
/// Leave out a condition rather than describe it wrongly: fewer conditions invalidate more, never less. Conditions compare texts exactly. For a column
/// that the database compares without case or accents, leave the condition out.
/// </para>
/// <para>Values: Booleans, numbers, enumerations, texts, <see cref="Guid"/>, bytes, dates and times; others are left out.</para>
/// </remarks>
public sealed class Predicate
{
    private readonly Condition[] _conditions;
    private readonly string[]? _columns;

    private Predicate(string table, Condition[] conditions, string[]? columns)
    {
        Table = table;
        _conditions = conditions;
        _columns = columns;
    }

    /// <summary>Name of the table.</summary>
    public string Table { get; }

    /// <summary>Creates the predicate of all rows of a table.</summary>
    /// <param name="table">Name of the table, as in <see cref="Change.Resource"/>.</param>
    /// <exception cref="ArgumentException">The name is empty or begins with U+0000.</exception>
    public static Predicate On(string table)
    {
        if (string.IsNullOrEmpty(table) || table[0] == DependencyTag.First)
            throw Errors.TableName(nameof(table));
        return new(table, [], columns: null);
    }

    /// <summary>Adds the condition that a column has a value. Null matches null.</summary>
    /// <param name="column">Name of the column.</param>
    /// <param name="value">Value of the column.</param>
    /// <returns>Predicate with the condition.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public Predicate Where(string column, object? value) => With(new(Name(column), [value]));

    /// <summary>Adds the condition that a column has one of several values.</summary>
    /// <param name="column">Name of the column.</param>
    /// <param name="values">Values of the column. Above 256, the condition is left out.</param>
    /// <returns>Predicate with the condition.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public Predicate WhereIn(string column, IEnumerable values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return With(new(Name(column), [.. values.Cast<object?>()]));
    }

    /// <summary>
    /// Adds the condition that a column lies between two bounds, both included. Use it for excluded bounds as well: each change of the column by a row inside the
    /// bounds invalidates the value.
    /// </summary>
    /// <param name="column">Name of the column, a number, date or time.</param>
    /// <param name="from">Lower bound; null for none.</param>
    /// <param name="to">Upper bound; null for none.</param>
    /// <returns>Predicate with the condition.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public Predicate WhereBetween(string column, object? from, object? to) => With(new(Name(column), [from, to], IsRange: true));

    /// <summary>
    /// Names the columns on which the result depends beside those of the conditions: selected, sorted, grouped and joined ones. A change of any other column
    /// does not invalidate. Default: all columns.
    /// </summary>
    /// <param name="columns">Names of the columns; none for a count.</param>
    /// <returns>Predicate with the columns, and those of earlier calls.</returns>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    public Predicate Using(params IEnumerable<string> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        return new(Table, _conditions, [.. _columns ?? [], .. columns.Select(Name)]);
    }

    /// <summary>Returns the predicate as carried by entries, for logs and messages.</summary>
    public override string ToString() => ToRows(ColumnHash.Unkeyed).Name[DependencyTag.PredicatePrefix.Length..];

    internal RowPredicate ToRows(ColumnHash hash)
    {
        var terms = new List<Term>();
        var affecting = _columns is null ? null : new List<string>(_columns);
        foreach (var condition in _conditions)
        {
            var term = TermOf(condition, hash);
            if (term is not null)
                terms.Add(term);
            if (term is null || IsCoarser(term))
                affecting?.Add(condition.Column);
        }

        return RowPredicate.Create(Table, terms, affecting);
    }

    /// <summary>Returns the term of a condition; null if a value has no form, or no order in a range.</summary>
    private static Term? TermOf(Condition condition, ColumnHash hash)
    {
        var forms = new ColumnValue[condition.Values.Length];
        for (var i = 0; i < forms.Length; i++)
        {
            if (!hash.TryCreate(condition.Values[i], out forms[i]) || (condition.IsRange && !forms[i].IsNull && !forms[i].IsOrdered))
                return null;
        }

        if (!condition.IsRange)
            return Term.In(condition.Column, forms);
        var (from, to) = (Bound(forms[0]), Bound(forms[1]));
        return from is { } low && to is { } high && !low.IsComparable(high) ? null : Term.Between(condition.Column, from, to);
    }

    /// <summary>
    /// Returns whether a row can satisfy the term before and after a change and the query only once: the query may exclude a bound that the term includes, or
    /// compare finer times.
    /// </summary>
    private static bool IsCoarser(Term term)
    {
        if (term.IsRange)
            return true;
        foreach (ref readonly var value in term.Values)
        {
            if (value.Kind == ColumnValueKind.Moment)
                return true;
        }

        return false;
    }

    private static ColumnValue? Bound(in ColumnValue form) => form.IsNull ? null : form;

    private static string Name(string column) => string.IsNullOrEmpty(column) ? throw Errors.EmptyName("column") : column;

    private Predicate With(Condition condition) => new(Table, [.. _conditions, condition], _columns);

    private sealed record Condition(string Column, object?[] Values, bool IsRange = false);
}
