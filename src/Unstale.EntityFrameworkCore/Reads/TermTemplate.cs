using Unstale.EntityFrameworkCore.Forms;
using Unstale.Predicates;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Term of a plan whose values are bound at each execution.</summary>
/// <param name="Column">Name of the column.</param>
/// <param name="Form">Form of the values of the column.</param>
/// <param name="Kind">Kind of the term.</param>
/// <param name="Values">Values, one for a bound.</param>
internal sealed record TermTemplate(string Column, ColumnForm Form, TermKind Kind, ValueSource Values)
{
    /// <summary>Order among the terms of a predicate. The first one becomes its home.</summary>
    public int Rank { get; init; }

    /// <summary>Whether the term holds only without null: the table is on the nullable side of a join, or the database compares null as unknown.</summary>
    public bool RejectsNull { get; init; }

    /// <summary>
    /// Whether each value that satisfies the term in its form satisfies the condition. If not, such as at an excluded bound, a change from one of these values
    /// to another one can change the result, so the column is affecting too.
    /// </summary>
    public bool IsExact { get; init; } = true;

    /// <summary>Binds the term. Returns null if a value has no form: the condition is then dropped.</summary>
    public Term? Bind(IReadOnlyDictionary<string, object?> parameters, ColumnHash hash)
    {
        var values = new List<object?>(1);
        if (!Values.TryRead(parameters, values) || values.Count > RowPredicate.MostValues)
            return null;
        if (Kind is not TermKind.Values)
            return Bound(values[0], hash);
        if (values.Count == 1)
            return Form.TryCreate(values[0], hash, out var form) && !(form.IsNull && RejectsNull) ? Term.Of(Column, form) : null;
        var forms = new ColumnValue[values.Count];
        for (var i = 0; i < forms.Length; i++)
        {
            if (!Form.TryCreate(values[i], hash, out forms[i]) || (forms[i].IsNull && RejectsNull))
                return null;
        }

        return Term.In(Column, forms);
    }

    private Term? Bound(object? value, ColumnHash hash)
    {
        if (!Form.TryCreate(value, hash, out var bound) || !bound.IsOrdered)
            return null;
        return Kind is TermKind.From ? Term.Between(Column, bound, to: null) : Term.Between(Column, from: null, bound);
    }
}
