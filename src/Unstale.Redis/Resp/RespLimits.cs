namespace Unstale.Redis.Resp;

/// <summary>What a reply may take. A reply beyond a limit closes the connection before the memory is taken.</summary>
/// <param name="ReplyBytes">The memory of one reply: its strings and 24 bytes an item.</param>
/// <param name="Nesting">Aggregates within aggregates.</param>
/// <param name="LineBytes">A line: a simple string, an error or a number.</param>
internal sealed record RespLimits(long ReplyBytes = 64 << 20, int Nesting = 32, int LineBytes = 64 << 10)
{
    public static RespLimits Default { get; } = new();
}
