using Unstale.EntityFrameworkCore.Forms;
using Unstale.Predicates;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Column of a table whose values are among the keys met by an execution.</summary>
/// <param name="Column">Name of the column.</param>
/// <param name="Form">Form of its values.</param>
/// <param name="Slot">Number of the keys in <see cref="MetValues"/>.</param>
internal sealed record MetColumn(string Column, ColumnForm Form, int Slot)
{
    /// <summary>Returns the term of the keys; null if they are not known.</summary>
    public Term? Bind(ColumnHash hash, MetValues met)
    {
        if (met.Of(Slot) is not { } keys)
            return null;
        var forms = new ColumnValue[keys.Length];
        for (var i = 0; i < forms.Length; i++)
        {
            if (!Form.TryCreate(keys[i], hash, out forms[i]))
                return null;
        }

        return Term.In(Column, forms);
    }
}
