using System.Text.Json.Serialization;
using Unstale;

namespace Shop.Http;

/// <summary>What the cache holds under a key.</summary>
/// <param name="Exists">Whether a read would be given it.</param>
/// <param name="Ttl">The seconds that are left of its life, begun ones counted.</param>
/// <param name="ExpiresIn">The same in words.</param>
internal sealed record KeyStatistics(
    bool Exists,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Ttl = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ExpiresIn = null)
{
    public static KeyStatistics Of(EntryInfo? entry)
    {
        if (entry is not { State: EntryState.Live or EntryState.Stale })
        {
            return new(Exists: false);
        }

        var seconds = (long)Math.Ceiling(entry.ExpiresIn.TotalSeconds);
        return new(Exists: true, seconds, $"{seconds} seconds");
    }
}
