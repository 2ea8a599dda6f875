using System.Diagnostics;
using Unstale.Benchmarks.Measuring;
using Unstale.Benchmarks.Redis.Values;

namespace Unstale.Benchmarks.Redis.Patterns;

/// <summary>Caller that reads values in Redis during other work there.</summary>
internal sealed class OtherReads : IDisposable
{
    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(1);

    private readonly string[] _names;
    private readonly UnstaleCache _cache;
    private readonly BareGets _bare;

    public OtherReads(PrivateRedis server, UnstaleCache cache, string[] names)
    {
        (_cache, _names, _bare) = (cache, names, new BareGets(server));
        Stored.Load(cache, names, "a value", static _ => []);
        foreach (var name in names)
            _bare.Set(name, "a value");
    }

    /// <summary>Returns the waits of <c>GET</c>s in microseconds, ascending.</summary>
    /// <param name="work">Other work.</param>
    /// <param name="milliseconds">Duration of the work in milliseconds.</param>
    public double[] BareWhile(Action work, out double milliseconds) => While(work, _bare.GetAsync, out milliseconds);

    /// <summary>Returns the waits of reads through the cache in microseconds, ascending.</summary>
    /// <param name="work">Other work.</param>
    /// <param name="milliseconds">Duration of the work in milliseconds.</param>
    public double[] CachedWhile(Action work, out double milliseconds) => While(work, ReadAsync, out milliseconds);

    public void Dispose() => _bare.Dispose();

    private double[] While(Action work, Func<string, ValueTask> read, out double milliseconds)
    {
        var start = Stopwatch.GetTimestamp();
        var end = 0L;
        var working = Task.Run(() =>
        {
            work();
            Volatile.Write(ref end, Stopwatch.GetTimestamp());
        });
        var waits = new ValueTask<double[]>(WaitsAsync(read, working)).Wait();
        new ValueTask(working).Wait();
        milliseconds = Stopwatch.GetElapsedTime(start, Volatile.Read(ref end)).TotalMilliseconds;
        return waits;
    }

    private async Task<double[]> WaitsAsync(Func<string, ValueTask> read, Task working)
    {
        var waits = new List<double>();
        do
        {
            var asked = Stopwatch.GetTimestamp();
            await read(_names[waits.Count % _names.Length]).ConfigureAwait(false);
            waits.Add(Stopwatch.GetElapsedTime(asked).TotalMicroseconds);
            await Task.Delay(Gap, TimeProvider.System).ConfigureAwait(false);
        }
        while (!working.IsCompleted);
        return [.. waits.Order()];
    }

    private async ValueTask ReadAsync(string name) =>
        await Stored.ReadAsync(_cache, name).ConfigureAwait(false);
}
