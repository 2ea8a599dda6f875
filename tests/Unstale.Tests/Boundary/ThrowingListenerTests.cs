using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Boundary;

/// <summary>Listeners of the application that throw at measurements and activities.</summary>
public sealed class ThrowingListenerTests
{
    private static readonly AsyncLocal<string?> Breaks = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Callers_get_the_value_of_a_load_whose_measurement_throws()
    {
        await using var test = Named("meters-1", out var cache);
        using var listener = Throwing("meters-1", "unstale.load.duration");
        var source = new TaskCompletionSource<int>();
        var first = cache.GetOrCreateAsync("k", async _ => await source.Task, cancellationToken: Stop).AsTask();
        var joined = cache.GetOrCreateAsync("k", _ => new ValueTask<int>(2), cancellationToken: Stop).AsTask();
        source.SetResult(1);

        Assert.Equal(1, await Eventually.Ends("the first caller goes on", first));
        Assert.Equal(1, await Eventually.Ends("the joined caller goes on", joined));
        Assert.True(cache.TryGet("k", out int _));
    }

    [Fact]
    public async Task Callers_get_the_exception_of_a_load_whose_measurement_throws()
    {
        await using var test = Named("meters-2", out var cache);
        using var listener = Throwing("meters-2", "unstale.load.duration");
        var source = new TaskCompletionSource<int>();
        var first = cache.GetOrCreateAsync("k", async _ => await source.Task, cancellationToken: Stop).AsTask();
        var joined = cache.GetOrCreateAsync("k", _ => new ValueTask<int>(2), cancellationToken: Stop).AsTask();
        source.SetException(new FormatException("the source is broken"));

        await Assert.ThrowsAsync<FormatException>(() => Eventually.Ends("the first caller goes on", first));
        await Assert.ThrowsAsync<FormatException>(() => Eventually.Ends("the joined caller goes on", joined));
    }

    [Fact]
    public async Task A_cache_can_be_made_used_and_disposed_although_a_listener_throws_at_every_instrument()
    {
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) => ThrowIfOf(instrument.Meter, "meters-3");
        listener.MeasurementsCompleted = (instrument, _) => ThrowIfOf(instrument.Meter, "meters-3");
        listener.Start();
        await using (Named("meters-3", out var cache))
        {
            Assert.Equal(1, await cache.GetOrCreateAsync("k", _ => new ValueTask<int>(1), cancellationToken: Stop));
            await cache.RemoveAsync("k", Stop);
        }
    }

    [Fact]
    public async Task A_sink_is_called_although_the_count_of_its_calls_throws()
    {
        var calls = 0;
        await using var test = Named("meters-4", out var cache, s => s.AddUnstale("meters-4").AddSink("counted", (_, _) =>
        {
            Interlocked.Increment(ref calls);
            return default;
        }));
        using var listener = Throwing("meters-4", "unstale.sink.delivered", "unstale.sink.failures", "unstale.sink.collapsed");
        await cache.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        await Eventually.Holds("the target is told", () => Volatile.Read(ref calls) == 1);
        await cache.Invalidator.InvalidateTagAsync("u", cancellationToken: Stop);

        await Eventually.Holds("the target is told again, and each only once", () => Volatile.Read(ref calls) == 2);
    }

    [Theory]
    [InlineData("sampled")]
    [InlineData("started")]
    [InlineData("stopped")]
    public async Task An_invalidation_is_raised_and_a_value_loaded_although_a_listener_of_activities_throws(string at)
    {
        using var listener = ThrowingActivities();
        await using var test = new CacheUnderTest();
        await test.Cache.GetOrCreateAsync("k", _ => new ValueTask<int>(1), tags: ["t"], cancellationToken: Stop);
        using var around = new Activity("around").Start();
        Breaks.Value = at;
        var receipt = await test.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        var value = await test.Cache.GetOrCreateAsync("k", _ => new ValueTask<int>(2), cancellationToken: Stop);
        var change = await test.Invalidator.ChangedAsync("product", "1", cancellationToken: Stop);
        Breaks.Value = null;

        Assert.Equal((ReceiptState.Applied, 2, ReceiptState.Applied), (receipt.State, value, change.State));
        Assert.Same(around, Activity.Current);
    }

    private static ActivityListener ThrowingActivities()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = static source => string.Equals(source.Name, "Unstale", StringComparison.Ordinal),
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) =>
            {
                ThrowAt("sampled");
                return Breaks.Value is null ? ActivitySamplingResult.None : ActivitySamplingResult.AllData;
            },
            ActivityStarted = static _ => ThrowAt("started"),
            ActivityStopped = static _ => ThrowAt("stopped"),
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static void ThrowAt(string at)
    {
        if (Breaks.Value == at)
            throw new InvalidOperationException("the listener is broken");
    }

    private static ServiceProvider Named(string name, out UnstaleCache cache, Action<IServiceCollection>? more = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddUnstale(name, o => o.Log = name);
        more?.Invoke(services);
        var provider = services.BuildServiceProvider();
        cache = provider.GetRequiredKeyedService<UnstaleCache>(name);
        return provider;
    }

    private static MeterListener Throwing(string name, params string[] instruments)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (IsOf(instrument.Meter, name) && instruments.Contains(instrument.Name, StringComparer.Ordinal))
                    l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>(static (_, _, _, _) => throw new InvalidOperationException("the listener is broken"));
        listener.SetMeasurementEventCallback<long>(static (_, _, _, _) => throw new InvalidOperationException("the listener is broken"));
        listener.Start();
        return listener;
    }

    private static void ThrowIfOf(Meter meter, string name)
    {
        if (IsOf(meter, name))
            throw new InvalidOperationException("the listener is broken");
    }

    private static bool IsOf(Meter meter, string name) => meter.Tags?.Any(tag => name.Equals(tag.Value)) == true;
}
