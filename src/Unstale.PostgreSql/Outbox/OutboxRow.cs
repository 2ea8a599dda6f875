namespace Unstale.PostgreSql.Outbox;

/// <summary>Row of the outbox.</summary>
/// <param name="Id">Id of the row.</param>
/// <param name="Json">Change as text.</param>
internal readonly record struct OutboxRow(long Id, string Json);
