namespace Unstale.Log;

/// <summary>This node forgot all that it held.</summary>
/// <param name="Generation">The history that it followed until then.</param>
/// <param name="Epoch">The epoch that ended with it.</param>
/// <param name="Sequence">How far it had come, or how far it leapt where the log no longer had what it missed.</param>
/// <param name="IsBroken">Because the history broke, and not because the log no longer had what was missed.</param>
internal sealed record NotedFlush(Generation Generation, int Epoch, long Sequence, bool IsBroken)
{
    /// <summary>When, by the node's clock; told a moment later.</summary>
    public DateTimeOffset? Time { get; set; }
}
