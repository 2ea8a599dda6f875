namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>Committed write.</summary>
/// <param name="Text">Description, for a failure.</param>
/// <param name="Rows">Tables and keys of the written rows; the key is null for the unknown rows of a statement.</param>
internal sealed record RandomWrite(string Text, IReadOnlyList<(string Table, int? Id)> Rows);
