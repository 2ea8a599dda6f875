using System.Buffers;
using Microsoft.Extensions.Logging;
using Unstale.Horizon;
using Unstale.Remote;
using Unstale.Telemetry;

namespace Unstale.Store;

/// <summary>What the loading of one cache works with.</summary>
/// <param name="Name">The cache's name.</param>
/// <param name="Horizon">The horizon it obeys.</param>
/// <param name="Entries">What it holds.</param>
/// <param name="Remote">The second level, if there is one.</param>
/// <param name="Codecs">How values are copied.</param>
/// <param name="Clock">The time.</param>
/// <param name="Metrics">What is counted.</param>
/// <param name="Logger">What is said.</param>
/// <param name="MaximumPayload">The largest value kept, in bytes.</param>
/// <param name="MaximumKeyLength">The longest key, and the longest tag.</param>
/// <param name="Wake">To be called, without the lock, when the horizon may want something done.</param>
/// <param name="ConfirmAsync">Waits for the answer to a tail begun after those given, while the epoch lasts.</param>
internal sealed record StoreContext(
    string Name,
    PartitionHorizon Horizon,
    EntryStore Entries,
    IRemoteStore? Remote,
    CodecTable Codecs,
    MonotonicClock Clock,
    CacheMetrics Metrics,
    ILogger Logger,
    int MaximumPayload,
    int MaximumKeyLength,
    Action Wake,
    Func<long, int, CancellationToken, Task> ConfirmAsync)
{
    /// <summary>An outage is over when nothing failed for that long.</summary>
    private const long Quiet = 60_000;

    private long _remoteFailedAt = long.MinValue;

    /// <summary>A call of the second level failed. Said aloud once in an outage; what follows is for who looks closely.</summary>
    public void RemoteFailed(Exception exception)
    {
        var now = Clock.Now;
        var last = Interlocked.Exchange(ref _remoteFailedAt, now);
        var isNew = last == long.MinValue || now - last > Quiet;
        Logger.RemoteStoreFailed(isNew ? LogLevel.Warning : LogLevel.Debug, exception, Name);
    }

    /// <summary>The serialised form of a value of which callers get copies, or that goes into the second level; null for others.</summary>
    /// <param name="value">The value.</param>
    /// <param name="withRemote">Whether it goes into the second level.</param>
    /// <param name="isTooLarge">True if it must not be kept anywhere.</param>
    public byte[]? PayloadOf<T>(T value, bool withRemote, out bool isTooLarge)
    {
        isTooLarge = false;
        var codec = Codecs.For<T>();
        if (codec.Shared && !withRemote)
            return null;
        var buffer = new ArrayBufferWriter<byte>();
        codec.Serialize(value, buffer);
        isTooLarge = buffer.WrittenCount > MaximumPayload;
        if (isTooLarge)
            Logger.ValueTooLarge(Name, buffer.WrittenCount, MaximumPayload);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The value of an entry of this type, or a copy of it.</summary>
    public T ValueOf<T>(Entry entry) =>
        entry is ValueEntry<T> shared ? shared.Value : Codecs.For<T>().Deserialize(new(((PayloadEntry<T>)entry).Payload));
}
