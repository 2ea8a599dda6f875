namespace Unstale.PostgreSql.Outbox;

/// <summary>Generations of the partitions of a log as one text. A row that was sent under another text may be lost.</summary>
internal static class LogGenerations
{
    /// <summary>Returns the text; null while the log cannot be reached.</summary>
    public static string? Of(LogState state) => state.IsTrusted || state.IsConnected ? string.Join(',', state.Positions.Select(static position => position.Generation)) : null;
}
