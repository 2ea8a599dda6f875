using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Unstale.Queries;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Boundary;

public sealed class ThrowingLoggerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Ways => ["Log", "IsEnabled", "CreateLogger"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Callers_who_joined_a_load_that_fails_get_its_exception_although_the_logger_throws(string way)
    {
        await using var test = new CacheUnderTest(services: s => Log(s, new ThrowingLog(way)));
        var source = new TaskCompletionSource<int>();
        var first = test.Cache.GetOrCreateAsync("k", async _ => await source.Task, cancellationToken: Stop).AsTask();
        var joined = test.Cache.GetOrCreateAsync("k", _ => new ValueTask<int>(2), cancellationToken: Stop).AsTask();
        source.SetException(new FormatException("the source is broken"));

        await Assert.ThrowsAsync<FormatException>(() => Eventually.Ends("the first caller goes on", first));
        await Assert.ThrowsAsync<FormatException>(() => Eventually.Ends("the joined caller goes on", joined));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Callers_of_a_load_that_was_invalidated_meanwhile_get_a_value_although_the_logger_throws(string way)
    {
        await using var test = new CacheUnderTest(services: s => Log(s, new ThrowingLog(way)));
        var source = new TaskCompletionSource<int>();
        var first = test.Cache.GetOrCreateAsync("k", async _ => await source.Task, cancellationToken: Stop).AsTask();
        var joined = test.Cache.GetOrCreateAsync("k", _ => new ValueTask<int>(2), cancellationToken: Stop).AsTask();
        await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        var late = test.Cache.GetOrCreateAsync("k", _ => new ValueTask<int>(3), cancellationToken: Stop).AsTask();
        source.SetResult(1);

        Assert.Equal(1, await Eventually.Ends("the first caller goes on", first));
        Assert.Equal(1, await Eventually.Ends("the joined caller goes on", joined));
        Assert.Equal(3, await Eventually.Ends("the late caller goes on", late));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_value_above_the_size_limit_goes_to_its_caller_although_the_logger_throws(string way)
    {
        await using var test = new CacheUnderTest(o => o.MaximumPayloadBytes = 10, s => Log(s, new ThrowingLog(way)));

        Assert.Equal(100, (await test.Cache.GetOrCreateAsync("k", _ => new ValueTask<List<int>>(Enumerable.Range(0, 100).ToList()), cancellationToken: Stop)).Count);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_node_follows_its_log_again_after_an_outage_although_the_logger_throws_at_every_line(string way)
    {
        var log = new ThrowingLog(way);
        await using var cluster = new TestCluster(1);
        var node = cluster.Add(more: s => Log(s, log));
        for (var outage = 0; outage < 3; outage++)
        {
            node.Faults.Refuses = _ => true;
            for (var i = 0; i < 20; i++)
                cluster.Advance(1);
            Assert.False(node.IsTrusted);
            node.Faults.Clear();
            await Eventually.Holds("the node is trusted again", () => node.IsTrusted, () => cluster.Advance(.2));
        }

        await cluster.A.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        await Eventually.Holds("the node follows the log", () => node.Position.Sequence == cluster.Server.Sequence, () => cluster.Advance(.2));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task An_invalidation_that_could_not_be_appended_is_appended_later_although_the_logger_throws(string way)
    {
        await using var cluster = new TestCluster(1);
        var node = cluster.Add(more: s => Log(s, new ThrowingLog(way)));
        node.Faults.Refuses = _ => true;
        var call = node.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop).AsTask();
        var receipt = await Eventually.Ends("the call returns", call, () => cluster.Advance(.2));
        Assert.Equal(ReceiptState.Queued, receipt.State);
        node.Faults.Clear();

        await Eventually.Holds("the log has it", () => receipt.State == ReceiptState.Applied, () => cluster.Advance(.2));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_new_generation_is_entered_although_the_logger_throws(string way)
    {
        await using var cluster = new TestCluster(1);
        var node = cluster.Add(more: s => Log(s, new ThrowingLog(way)));
        await node.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        cluster.Server.RestartWithoutData();
        await Eventually.Holds("both nodes stand in the new generation", () => node.IsTrusted && cluster.A.IsTrusted && node.Position.Generation == cluster.A.Position.Generation
            && node.Position.Sequence == cluster.Server.Sequence && cluster.Server.Sequence > 0, () => cluster.Advance(.2));
        var receipt = await node.Invalidator.InvalidateTagAsync("u", cancellationToken: Stop);
        Assert.Equal(ReceiptState.Applied, receipt.State);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_failing_sink_is_called_again_although_the_logger_throws(string way)
    {
        var calls = 0;
        await using var test = new CacheUnderTest(services: s =>
        {
            Log(s, new ThrowingLog(way));
            s.AddUnstale().AddSink("flaky", (_, _) => Interlocked.Increment(ref calls) < 3 ? throw new FormatException("not now") : default);
        });
        await test.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);

        await Eventually.Holds("the target is told", () => Volatile.Read(ref calls) >= 3, () => test.Clock.Advance(TimeSpan.FromSeconds(1)));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Published_events_are_handled_although_a_handler_and_the_logger_throw(string way)
    {
        var handled = 0;
        await using var test = new CacheUnderTest(services: s =>
        {
            Log(s, new ThrowingLog(way));
            s.AddUnstale().AddDomainEvents();
        });
        var events = test.Services.GetRequiredService<IDomainEvents>();
        using var failing = events.Subscribe<string>((_, _) => throw new FormatException("the handler is broken"));
        using var counting = events.Subscribe<string>((_, _) =>
        {
            Interlocked.Increment(ref handled);
            return default;
        });
        for (var i = 0; i < 3; i++)
            Publish(events);

        await Eventually.Holds("all events are handled", () => Volatile.Read(ref handled) == 3);
    }

    private static void Publish(IDomainEvents events) => events.Publish("something");

    private static void Log(IServiceCollection services, ThrowingLog log) =>
        services.AddLogging(l => l.SetMinimumLevel(LogLevel.Trace).AddProvider(log));
}
