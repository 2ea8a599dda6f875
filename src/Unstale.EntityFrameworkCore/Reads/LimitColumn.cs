using Microsoft.EntityFrameworkCore.Query.SqlExpressions;
using Unstale.EntityFrameworkCore.Forms;
using Unstale.Predicates;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>
/// First column of the order of a plan with a limit. If an execution returns as many rows as the limit allows, no row behind the last one of them can become part
/// of the result while those before it stay as they are.
/// </summary>
/// <param name="Column">Name of the column.</param>
/// <param name="Form">Form of its values.</param>
/// <param name="IsDescending">Whether the greatest value is the first one.</param>
/// <param name="Limit">Number of rows.</param>
internal sealed record LimitColumn(string Column, ColumnForm Form, bool IsDescending, ValueSource Limit)
{
    /// <summary>Returns the range of the rows up to the last one; null if the rows did not reach the limit.</summary>
    public Term? Bind(IReadOnlyDictionary<string, object?> parameters, ColumnHash hash, MetValues met)
    {
        var limit = new List<object?>(1);
        if (!Limit.TryRead(parameters, limit) || limit[0] is not int rows || met.LastOf(rows) is not { } last)
            return null;
        if (!Form.TryCreate(last, hash, out var bound) || !bound.IsOrdered)
            return null;
        return IsDescending ? Term.Between(Column, bound, to: null) : Term.Between(Column, from: null, bound);
    }
}
