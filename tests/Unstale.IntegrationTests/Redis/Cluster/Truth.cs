using System.Collections.Concurrent;

namespace Unstale.IntegrationTests.Redis.Cluster;

/// <summary>Source of truth. The version of each key only rises. Reports the oldest version that a read may return.</summary>
internal sealed class Truth
{
    private readonly ConcurrentDictionary<string, History> _keys = new(StringComparer.Ordinal);
    private int _loads;

    public int Loads => Volatile.Read(ref _loads);

    /// <summary>Maximum duration of a load. Each load waits for a random part of it after reading.</summary>
    public TimeSpan Slowness { get; set; }

    /// <summary>Callback of each load after reading.</summary>
    public Func<CancellationToken, ValueTask>? Meanwhile { get; set; }

    public long Version(string key) => Of(key).Version;

    public async ValueTask<long> LoadAsync(string key, CancellationToken token)
    {
        var read = Version(key);
        Interlocked.Increment(ref _loads);
        if (Slowness > TimeSpan.Zero)
            await Task.Delay(Slowness * Random.Shared.NextDouble(), TimeProvider.System, token);
        if (Meanwhile is { } meanwhile)
            await meanwhile(token);
        return read;
    }

    public TruthWrite Commit(string key, int node)
    {
        var history = Of(key);
        lock (history)
        {
            var write = new TruthWrite(++history.Version, node);
            history.Writes.Add(write);
            return write;
        }
    }

    /// <summary>
    /// Returns the oldest version that a read beginning now may return: the newest one whose write has returned on this node, or has been in the log
    /// for longer than <paramref name="allow"/>.
    /// </summary>
    public long Due(string key, int node, long now, TimeSpan allow)
    {
        var history = Of(key);
        var ago = now - (long)(allow.TotalSeconds * TimeProvider.System.TimestampFrequency);
        lock (history)
        {
            for (var i = history.Writes.Count - 1; i >= 0; i--)
            {
                var write = history.Writes[i];
                if (write.InLogAt < ago || (write.Node == node && write.ReturnedAt < now))
                    return write.Version;
            }
        }

        return 0;
    }

    /// <summary>Describes the writes of a key after a version, with their age.</summary>
    public string Describe(string key, long after, long now)
    {
        var history = Of(key);
        lock (history)
        {
            return string.Join(", ", history.Writes.Where(w => w.Version > after).Select(w => $"version {w.Version} of node{w.Node}: returned {Ago(w.ReturnedAt)}, in the log {Ago(w.InLogAt)}"));
        }

        string Ago(long at) => at == long.MaxValue ? "never" : $"{TimeProvider.System.GetElapsedTime(at, now).TotalMilliseconds:F0} ms before";
    }

    private History Of(string key) => _keys.GetOrAdd(key, static _ => new History());

    private sealed class History
    {
        private long _version;

        public List<TruthWrite> Writes { get; } = [];

        public long Version
        {
            get => Interlocked.Read(ref _version);
            set => Interlocked.Exchange(ref _version, value);
        }
    }
}

/// <summary>Write of a key, with the times at which it returned and was in the log.</summary>
internal sealed class TruthWrite(long version, int node)
{
    private long _returnedAt = long.MaxValue;
    private long _inLogAt = long.MaxValue;

    public long Version => version;

    public int Node => node;

    public long ReturnedAt => Interlocked.Read(ref _returnedAt);

    public long InLogAt => Interlocked.Read(ref _inLogAt);

    public void Returned() => Interlocked.Exchange(ref _returnedAt, TimeProvider.System.GetTimestamp());

    public void IsInLog() => Interlocked.Exchange(ref _inLogAt, TimeProvider.System.GetTimestamp());
}
