using System.Text.Json.Serialization;
using Unstale;

namespace Shop.Http;

/// <summary>Entry of the cache under a key.</summary>
/// <param name="Exists">Whether a read would return the value.</param>
/// <param name="Ttl">Remaining seconds of the value's life, rounded up.</param>
/// <param name="ExpiresIn">Remaining life in words.</param>
internal sealed record KeyStatistics(
    bool Exists,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Ttl = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ExpiresIn = null)
{
    public static KeyStatistics Of(KeyExplanation entry)
    {
        if (entry is not { State: EntryState.Live or EntryState.Stale })
            return new(Exists: false);

        var seconds = (long)Math.Ceiling(entry.ExpiresIn.GetValueOrDefault().TotalSeconds);
        return new(Exists: true, seconds, $"{seconds} seconds");
    }
}
