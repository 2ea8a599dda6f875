using Microsoft.Extensions.Caching.Memory;
using Unstale.Memory;

namespace Unstale.Loading;

/// <summary>Options of an entry that most entries do not have, in milliseconds. An object, so that the lifetime of other entries stays small.</summary>
/// <param name="FailSafeFor">Time after expiration for which memory keeps the value; 0: none.</param>
/// <param name="FailSafePause">Time without another load after a failed one.</param>
/// <param name="SoftTimeout">Time after which a caller receives the kept value; 0: no limit.</param>
/// <param name="Jitter">Maximum random time by which a loaded value expires earlier.</param>
internal sealed record EntryPolicy(long FailSafeFor, long FailSafePause, long SoftTimeout, long Jitter)
{
    /// <summary>Policy of an entry without options of its own.</summary>
    public static EntryPolicy None { get; } = new(0, 0, 0, 0);

    /// <summary>Size of the value in memory, in bytes; null to measure the value.</summary>
    public long? LocalSize { get; init; }

    /// <summary>Queue of an entry with a priority of its own; <see cref="EntryPlace.None"/> for normal priority.</summary>
    public EntryPlace Queue { get; init; }

    public static EntryPlace QueueOf(CacheItemPriority priority) => priority switch
    {
        CacheItemPriority.Low => EntryPlace.Low,
        CacheItemPriority.High => EntryPlace.High,
        CacheItemPriority.NeverRemove => EntryPlace.Pinned,
        _ => EntryPlace.None,
    };
}
