using Microsoft.EntityFrameworkCore.Query.SqlExpressions;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Relation of the rows that a select returns to those that it reads.</summary>
internal static class SelectRows
{
    /// <summary>Returns whether a select returns the rows that its condition and its limit allow one by one, and neither groups nor merges them.</summary>
    public static bool ReturnsEachRow(this SelectExpression select) => select is { Having: null, IsDistinct: false, GroupBy.Count: 0 };
}
