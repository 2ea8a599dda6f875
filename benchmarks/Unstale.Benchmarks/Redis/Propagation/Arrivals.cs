using System.Diagnostics;
using System.Globalization;
using Unstale.Horizon;

namespace Unstale.Benchmarks.Redis.Propagation;

/// <summary>Times at which each probe was sent and had arrived.</summary>
internal sealed class Arrivals(int count) : ILocalStore
{
    public const string Prefix = "probe:";

    private readonly long[] _sent = new long[count];
    private readonly long[] _arrived = new long[count];
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _missing = count;

    public int Count => _sent.Length;

    public Task All => _all.Task;

    public double[] Microseconds =>
        [.. _sent.Zip(_arrived, (sent, arrived) => Stopwatch.GetElapsedTime(sent, arrived).TotalMicroseconds).Order()];

    public static string Key(int probe) => Prefix + probe.ToString("D8", CultureInfo.InvariantCulture);

    public void Sent(int probe) => _sent[probe] = Stopwatch.GetTimestamp();

    public void Arrived(int probe)
    {
        if (_arrived[probe] != 0)
            return;
        _arrived[probe] = Stopwatch.GetTimestamp();
        if (Interlocked.Decrement(ref _missing) == 0)
            _all.SetResult();
    }

    /// <summary>Records that the node no longer serves a key, if the key is a probe. The key may have a prefix of its cache.</summary>
    public void Gone(string key)
    {
        var at = key.IndexOf(Prefix, StringComparison.Ordinal);
        if (at >= 0)
            Arrived(int.Parse(key.AsSpan(at + Prefix.Length), CultureInfo.InvariantCulture));
    }

    public int Drop(string key, long below)
    {
        Gone(key);
        return 0;
    }

    public void Sweep(SweepQueue batch, long now)
    {
    }
}
