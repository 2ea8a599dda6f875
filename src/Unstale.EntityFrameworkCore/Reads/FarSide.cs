using Microsoft.EntityFrameworkCore.Query.SqlExpressions;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Table that a join reads by an equality with a column of the rows before it.</summary>
/// <param name="Select">Select with the join.</param>
/// <param name="Table">Occurrence of the table.</param>
/// <param name="Column">Column of the table in the equality.</param>
/// <param name="Near">Column of the rows before it.</param>
/// <param name="Form">Form of the values of both columns.</param>
/// <param name="IsLeft">Whether the join keeps rows without a match.</param>
internal sealed record FarSide(SelectExpression Select, Source Table, string Column, ColumnExpression Near, Forms.ColumnForm Form, bool IsLeft);
