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
/// <param name="MayBeginWithNulls">Whether nulls may come before all values.</param>
/// <param name="Limit">Number of rows.</param>
internal sealed record LimitColumn(string Column, ColumnForm Form, bool IsDescending, bool MayBeginWithNulls, ValueSource Limit)
{
    /// <summary>Returns the value of the last row; null if it has none, or if the rows did not reach the limit.</summary>
    public ColumnValue? Bind(IReadOnlyDictionary<string, object?> parameters, ColumnHash hash, MetValues met)
    {
        var limit = new List<object?>(1);
        if (!Limit.TryRead(parameters, limit) || limit[0] is not int rows || met.LastOf(rows) is not { } last)
            return null;
        return Form.TryCreate(last, hash, out var bound) && bound.IsOrdered ? bound : null;
    }

    /// <summary>Adds the condition of the rows up to the last one.</summary>
    public void AddTo(List<Term> terms, List<Residual> residuals, in ColumnValue last)
    {
        if (MayBeginWithNulls)
            residuals.Add(NullOrBefore(last));
        else
            TableTemplate.AddRange(terms, IsDescending ? Term.Between(Column, last, to: null) : Term.Between(Column, from: null, last));
    }

    private JoinedResidual NullOrBefore(in ColumnValue bound)
    {
        var (column, value) = (Operand.OfColumn(Column), Operand.OfValue(bound));
        return new JoinedResidual(isAll: false,
        [
            new ComparedResidual(ComparisonKind.Equal, column, Operand.OfValue(ColumnValue.Null), isExact: true),
            IsDescending ? new ComparedResidual(ComparisonKind.LessOrEqual, value, column, Form.IsExactInOrder) : new ComparedResidual(ComparisonKind.LessOrEqual, column, value, Form.IsExactInOrder),
        ]);
    }
}
