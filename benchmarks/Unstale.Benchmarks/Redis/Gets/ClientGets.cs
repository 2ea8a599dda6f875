using System.Diagnostics;
using Unstale.Benchmarks.Measuring;
using Unstale.Redis.Resp;

namespace Unstale.Benchmarks.Redis.Gets;

/// <summary>Callers who share one connection of our client, each with one command at a time.</summary>
internal sealed class ClientGets : IDisposable
{
    public const string Key = "bench:product:000042";
    public const int ValueBytes = 32;
    private const int ResultBytes = 24 + ValueBytes;

    private readonly RespConnection _connection;

    public ClientGets(PrivateRedis server)
    {
        _connection = server.Connect();
        using var set = RespCommand.Create("SET").Arg(Key).Arg(new string('v', ValueBytes));
        _connection.CallAsync(set).Wait();
    }

    public double PerSecond(int callers, TimeSpan slice)
    {
        var start = Stopwatch.GetTimestamp();
        var done = Run(callers, slice);
        return done / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Microseconds from a call to its reply.</summary>
    public double Median(int callers, TimeSpan slice)
    {
        var waits = Enumerable.Range(0, callers).Select(_ => new List<double>()).ToArray();
        Task.WhenAll(waits.Select(own => Task.Run(() => TimedAsync(own, slice)))).GetAwaiter().GetResult();
        return Rounds.Median(waits.SelectMany(own => own));
    }

    /// <summary>Beyond the array of the value.</summary>
    public double AllocatedPerCommand(int callers, TimeSpan slice)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var done = Run(callers, slice);
        return Math.Max(0, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)done - ResultBytes);
    }

    public void Dispose() => _connection.DisposeAsync().Wait();

    private long Run(int callers, TimeSpan slice) =>
        Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(() => CountAsync(slice)))).GetAwaiter().GetResult().Sum();

    private async Task<long> CountAsync(TimeSpan slice)
    {
        var start = Stopwatch.GetTimestamp();
        for (long done = 1; ; done++)
        {
            await GetAsync().ConfigureAwait(false);
            if (Stopwatch.GetElapsedTime(start) >= slice)
                return done;
        }
    }

    private async Task TimedAsync(List<double> waits, TimeSpan slice)
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < slice)
        {
            var asked = Stopwatch.GetTimestamp();
            await GetAsync().ConfigureAwait(false);
            waits.Add(Stopwatch.GetElapsedTime(asked).TotalMicroseconds);
        }
    }

    [System.Runtime.CompilerServices.AsyncMethodBuilder(typeof(System.Runtime.CompilerServices.PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask GetAsync()
    {
        using var command = RespCommand.Create("GET").Arg(Key);
        await _connection.CallAsync(command).ConfigureAwait(false);
    }
}
