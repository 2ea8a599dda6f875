using Unstale.Log;

namespace Unstale.Horizon;

/// <summary>What the second level has said of a value that it holds.</summary>
/// <param name="Stamp">The sequence that the value itself is true as of.</param>
/// <param name="Sequence">The newest record at the moment of the answer.</param>
/// <param name="Listed">Broad records above the value's stamp that the server still lists.</param>
/// <param name="Tails">How many tails this node had begun when the answer came.</param>
/// <param name="Tags">The tags, and the marks of keys, that the value carries: the server has judged it by these and no others.</param>
internal readonly record struct RemoteAnswer(long Stamp, long Sequence, IReadOnlyList<InvalidationTarget> Listed, long Tails, IReadOnlyList<string> Tags)
{
    /// <summary>True if each of these names is among those of the value.</summary>
    public bool CarriesAll(ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (!Tags.Contains(name, StringComparer.Ordinal))
                return false;
        }

        return true;
    }
}
