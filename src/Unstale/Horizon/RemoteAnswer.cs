using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>Value of the second level, judged by the server.</summary>
/// <param name="Value">Sequences as of which the value is valid, and its names.</param>
/// <param name="Sequence">Sequence of the newest record at the time of the reply.</param>
/// <param name="Listed">Selectors above the value's stamp that the server still lists.</param>
/// <param name="Tails">Number of tails started by this node when the reply arrived.</param>
internal readonly record struct RemoteAnswer(StoredAs Value, long Sequence, IReadOnlyList<InvalidationTarget> Listed, long Tails)
{
    public long Stamp => Value.Stamp;
}
