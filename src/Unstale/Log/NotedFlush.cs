namespace Unstale.Log;

/// <summary>Reset of this node, which forgot everything held.</summary>
/// <param name="Generation">Generation followed until then.</param>
/// <param name="Epoch">Epoch ended by the reset.</param>
/// <param name="Sequence">Last applied sequence, or the sequence skipped to if the log no longer had the missed records.</param>
/// <param name="IsBroken">Whether the history broke. Otherwise the log no longer had the missed records.</param>
internal sealed record NotedFlush(Generation Generation, int Epoch, long Sequence, bool IsBroken)
{
    /// <summary>Time of the reset by the node's clock; set shortly after.</summary>
    public DateTimeOffset? Time { get; set; }
}
