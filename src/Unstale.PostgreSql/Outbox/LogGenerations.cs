namespace Unstale.PostgreSql.Outbox;

/// <summary>Generations of the partitions of a log as one text. A row that was sent under another text may be lost.</summary>
internal static class LogGenerations
{
    /// <summary>Returns the text; null if the node is not confirmed, so that its generation may be an old one.</summary>
    public static string? Of(LogState state) => state.IsTrusted ? string.Join(',', state.Positions.Select(static position => position.Generation)) : null;
}
