using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Unstale.Queries;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Queries;

public sealed class DomainEventsTests
{
    private readonly ConcurrentQueue<string> _received = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_publication_returns_after_all_subscribers_and_its_invalidations()
    {
        await using var test = With(b => b.InvalidateOn<UserRegistered>((_, i) => i.Keys("k")));
        var gate = new TaskCompletionSource();
        test.Events.Subscribe<IAboutUser>(async (e, _) =>
        {
            await gate.Task;
            _received.Enqueue($"about {e.UserId}");
        });
        test.Events.SubscribeAll((e, _) => Note(e.GetType().Name));
        test.Events.Subscribe<OrderCreated>((_, _) => Note("never"));
        await test.HoldAsync("k");
        var published = test.Events.PublishAsync(new UserRegistered("7"), Stop).AsTask();
        Assert.False(published.IsCompleted);
        Assert.Empty(test.Held("k"));
        gate.SetResult();
        await published;
        Assert.Equal(["about 7", "UserRegistered"], _received);
    }

    [Fact]
    public async Task Handlers_that_throw_do_not_stop_the_others_and_their_exceptions_are_thrown_together()
    {
        await using var test = With(b => b.InvalidateOn<UserRegistered>((_, i) => i.Keys("k")));
        test.Events.Subscribe<UserRegistered>((_, _) => throw new TimeoutException("one"));
        test.Events.Subscribe<UserRegistered>(async (_, _) =>
        {
            await Task.Yield();
            throw new NotSupportedException("two");
        });
        test.Events.Subscribe<UserRegistered>((_, _) => Note("three"));
        var failures = await Assert.ThrowsAsync<AggregateException>(() => test.Events.PublishAsync(new UserRegistered("7"), Stop).AsTask());
        Assert.Equal(["one", "two"], failures.InnerExceptions.Select(static f => f.Message));
        Assert.Equal(["three"], _received);
    }

    [Fact]
    public async Task A_disposed_subscription_receives_no_event_and_a_new_one_receives_the_next_publication()
    {
        await using var test = With();
        IDisposable? last = null;
        test.Events.Subscribe<UserRegistered>((e, _) =>
        {
            last!.Dispose();
            test.Events.Subscribe<UserRegistered>((later, _) => Note($"new {later.UserId}"));
            return Note($"first {e.UserId}");
        });
        last = test.Events.Subscribe<UserRegistered>((e, _) => Note($"last {e.UserId}"));
        await test.Events.PublishAsync(new UserRegistered("1"), Stop);
        await test.Events.PublishAsync(new UserRegistered("2"), Stop);
        Assert.Equal(["first 1", "first 2", "new 2"], _received);
        last.Dispose();
    }

    [Fact]
    public async Task A_publication_without_a_wait_returns_at_once_and_events_of_each_publisher_stay_in_order()
    {
        await using var test = With();
        var gate = new TaskCompletionSource();
        test.Events.Subscribe<OrderCreated>(async (e, _) =>
        {
            await gate.Task;
            _received.Enqueue(e.CustomerId);
        });
        var publishers = Enumerable.Range(0, 8).Select(publisher => Task.Run(() =>
        {
            for (var i = 0; i < 500; i++)
                Publish(test.Events, new OrderCreated($"{publisher}:{i}"));
        }));
        await Task.WhenAll(publishers);
        Assert.Empty(_received);
        gate.SetResult();
        await test.Events.DrainAsync(Stop);
        Assert.Equal(4000, _received.Count);
        foreach (var ofOne in _received.Select(static id => id.Split(':')).GroupBy(static id => id[0]))
            Assert.Equal(Enumerable.Range(0, 500), ofOne.Select(static id => int.Parse(id[1])));
    }

    [Fact]
    public async Task A_handler_that_throws_in_the_background_is_logged_and_the_next_event_is_handled()
    {
        await using var test = With(b => b.InvalidateOn<UserRenamed>((_, i) => i.Keys("k")));
        using var measured = new Telemetry.Measurements("unstale.cache.name", test.Name);
        test.Events.Subscribe<UserRegistered>((_, _) => throw new TimeoutException("away"));
        await test.HoldAsync("k");
        Publish(test.Events, new UserRegistered("1"));
        Publish(test.Events, new UserRenamed("1"));
        await test.Events.DrainAsync(Stop);
        Assert.Empty(test.Held("k"));
        var line = Assert.Single(test.Lines, static line => line.Id == 56);
        Assert.Equal("UserRegistered", line.Fields["Type"]);
        Assert.Equal(1, measured.Recorded()["unstale.events.unhandled/UserRegistered"]);
    }

    [Fact]
    public async Task Events_above_the_queue_capacity_are_lost_and_all_queries_are_invalidated()
    {
        await using var test = With(add: null, o => o.QueueCapacity = 2);
        using var measured = new Telemetry.Measurements("unstale.cache.name", test.Name);
        var (gate, begun) = (new TaskCompletionSource(), new TaskCompletionSource());
        test.Events.Subscribe<OrderCreated>(async (e, _) =>
        {
            begun.TrySetResult();
            await gate.Task;
            _received.Enqueue(e.CustomerId);
        });
        await test.HoldAsync("query_cache:GetUserQuery:1", "no query");
        Publish(test.Events, new OrderCreated("0"));
        await begun.Task;
        for (var i = 1; i <= 5; i++)
            Publish(test.Events, new OrderCreated($"{i}"));
        Assert.Equal(2, measured.Read()["unstale.events.queued"]);
        Assert.Equal(["query_cache:GetUserQuery:1"], test.Held("query_cache:GetUserQuery:1"));
        gate.SetResult();
        await test.Events.DrainAsync(Stop);
        Assert.Equal(["0", "1", "2"], _received);
        Assert.Equal(["no query"], test.Held("query_cache:GetUserQuery:1", "no query"));
        var line = Assert.Single(test.Lines, static line => line.Id == 57);
        Assert.Equal((3L, "QueueCapacity is 2"), (line.Fields["Lost"], line.Fields["Limit"]));
        Assert.Equal(3, measured.Recorded()["unstale.events.lost"]);
    }

    [Fact]
    public async Task The_disposal_of_the_services_waits_for_published_events()
    {
        var test = With(add: null, static o => o.ShutdownTimeout = TimeSpan.FromHours(1));
        var events = test.Events;
        var gate = new TaskCompletionSource();
        events.Subscribe<UserRegistered>(async (e, _) =>
        {
            await gate.Task;
            _received.Enqueue(e.UserId);
        });
        for (var i = 0; i < 3; i++)
            Publish(events, new UserRegistered($"{i}"));
        var ended = test.DisposeAsync().AsTask();
        gate.SetResult();
        await ended;
        Assert.Equal(["0", "1", "2"], _received);
        Assert.DoesNotContain(test.Lines, static line => line.Id == 57);
        Assert.Throws<ObjectDisposedException>(() => events.Publish(new UserRegistered("4")));
        var refused = await Assert.ThrowsAsync<ObjectDisposedException>(() => events.PublishAsync(new UserRegistered("4"), Stop).AsTask());
        Assert.Contains($"The domain events of the cache '{test.Name}' were closed", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => events.DrainAsync(Stop));
    }

    [Fact]
    public async Task Events_unhandled_within_the_ShutdownTimeout_are_lost_and_logged()
    {
        var test = With();
        var (begun, isCancelled) = (new TaskCompletionSource(), false);
        test.Events.Subscribe<UserRegistered>(async (e, token) =>
        {
            await using var registered = token.Register(() => isCancelled = true);
            begun.SetResult();
            await new TaskCompletionSource().Task;
        });
        test.Events.SubscribeAll(static (_, _) => ValueTask.CompletedTask, _ => Note("told"));
        for (var i = 0; i < 3; i++)
            Publish(test.Events, new UserRegistered($"{i}"));
        await begun.Task;
        await test.DisposeAsync();
        var line = Assert.Single(test.Lines, static line => line.Id == 57);
        Assert.Equal((3L, "ShutdownTimeout is 00:00:05"), (line.Fields["Lost"], line.Fields["Limit"]));
        Assert.True(isCancelled);
        Assert.Equal(["told"], _received);
    }

    [Fact]
    public async Task A_stopping_host_waits_for_published_events_while_its_services_still_run()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddUnstale().AddDomainEvents();
        using var host = builder.Build();
        await host.StartAsync(Stop);
        var events = host.Services.GetRequiredService<IDomainEvents>();
        var gate = new TaskCompletionSource();
        events.Subscribe<UserRegistered>(async (e, _) =>
        {
            await gate.Task;
            _received.Enqueue(e.UserId);
        });
        Publish(events, new UserRegistered("1"));
        var stopped = host.StopAsync(Stop);
        Assert.False(stopped.IsCompleted);
        gate.SetResult();
        await stopped;
        Assert.Equal(["1"], _received);
        Publish(events, new UserRegistered("2")); // by a service that stops later
    }

    [Fact]
    public async Task The_ShutdownTimeout_is_not_waited_for_again_after_the_host_has_stopped()
    {
        var test = With();
        var begun = new TaskCompletionSource();
        test.Events.Subscribe<UserRegistered>(async (_, _) =>
        {
            begun.SetResult();
            await new TaskCompletionSource().Task;
        });
        Publish(test.Events, new UserRegistered("1"));
        await begun.Task;
        var started = test.Clock.GetTimestamp();
        var events = test.Get<DomainEvents>();
        await Eventually.Ends("the host stops", events.StopAsync(Stop), () => test.Clock.Advance(TimeSpan.FromSeconds(1)));
        Assert.InRange(test.Clock.GetElapsedTime(started), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(6));
        await events.DisposeAsync();
        await events.StopAsync(Stop);
        await test.DisposeAsync();
        Assert.Equal(1L, Assert.Single(test.Lines, static line => line.Id == 57).Fields["Lost"]);
    }

    private static void Publish(IDomainEvents events, object domainEvent) => events.Publish(domainEvent);

    private static QueriesUnderTest With(Action<IUnstaleBuilder>? add = null, Action<DomainEventOptions>? configure = null) => new(b =>
    {
        b.AddDomainEvents(configure);
        add?.Invoke(b);
    });

    private ValueTask Note(string word)
    {
        _received.Enqueue(word);
        return ValueTask.CompletedTask;
    }
}
