using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>
/// Condition <c>column = ANY(parameter)</c> of Npgsql. Read by the names of its members, because this package has no dependency on a provider; with other
/// names the condition is dropped.
/// </summary>
internal static class ArrayCondition
{
    public static (SqlExpression Item, SqlParameterExpression Array)? Read(SqlExpression condition)
    {
        var type = condition.GetType();
        if (!string.Equals(type.Name, "PgAnyExpression", StringComparison.Ordinal))
            return null;
        return type.GetProperty("OperatorType")?.GetValue(condition)?.ToString() is "Equal"
            && type.GetProperty("Item")?.GetValue(condition) is SqlExpression item
            && type.GetProperty("Array")?.GetValue(condition) is SqlParameterExpression array
                ? (item, array)
                : null;
    }
}
