using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>A value of the second level that the server has judged.</summary>
/// <param name="Value">The sequences that the value is true as of, and what it carries.</param>
/// <param name="Sequence">The newest record at the moment of the answer.</param>
/// <param name="Listed">Broad records above the value's stamp that the server still lists.</param>
/// <param name="Tails">How many tails this node had begun when the answer came.</param>
internal readonly record struct RemoteAnswer(StoredAs Value, long Sequence, IReadOnlyList<InvalidationTarget> Listed, long Tails)
{
    public long Stamp => Value.Stamp;
}
