using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Unstale.IntegrationTests.Redis.Hosting;
using Unstale.IntegrationTests.Support;
using Unstale.Redis.Channel;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Channel;

/// <summary>Publishers and subscribers over a real server, without a cache.</summary>
public sealed class PublishSubscribeTests : IAsyncLifetime
{
    private readonly ReceivedLines _lines = new();
    private readonly ILoggerFactory _loggers;
    private readonly ConcurrentQueue<InvalidationMessage> _received = [];
    private RedisServer _server = null!;
    private InvalidationPublisher _publisher = null!;
    private InvalidationSubscriber _subscriber = null!;
    private int _gaps;

    public PublishSubscribeTests() => _loggers = LoggerFactory.Create(logging => logging.AddProvider(_lines));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _publisher = InvalidationPublisher.Create(_server.EndPoint.ToString(), "user-service", loggers: _loggers);
        _subscriber = InvalidationSubscriber.Create(_server.EndPoint.ToString(), loggers: _loggers);
    }

    public async ValueTask DisposeAsync()
    {
        await _publisher.DisposeAsync();
        await _subscriber.DisposeAsync();
        await _server.DisposeAsync();
        _loggers.Dispose();
        _lines.Dispose();
    }

    [Fact]
    public void A_message_does_not_change_with_the_list_and_the_metadata_of_its_construction()
    {
        var keys = new List<string> { "user:1" };
        InvalidationMessage message;
        using (var metadata = System.Text.Json.JsonDocument.Parse("""{"tenant":"a"}"""))
            message = new()
            {
                MessageId = "m",
                EntityType = EntityType.User,
                EntityIds = keys,
                Action = MessageAction.Batch,
                Timestamp = MessageTime.From(DateTimeOffset.UnixEpoch),
                SourceService = "s",
                Metadata = metadata.RootElement,
            };
        var plain = ForeignInvalidation.OfKeys(keys);
        keys[0] = "user:2";
        Assert.Equal(["user:1"], message.EntityIds);
        Assert.Equal(["user:1"], plain.Keys);
        Assert.Contains("""["user:1"]""", message.ToString(), StringComparison.Ordinal);
        Assert.Contains("""{"tenant":"a"}""", message.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_publisher_method_sends_its_message_and_returns_the_number_of_receivers()
    {
        await using var subscription = await HearAsync();
        Assert.Equal(1, await _publisher.InvalidateUserAsync("1", Stop));
        await _publisher.InvalidatePostAsync("2", Stop);
        await _publisher.InvalidateCommentAsync("3", Stop);
        await _publisher.InvalidateNotificationAsync("4", Stop);
        await _publisher.InvalidateFeedAsync("5", Stop);
        await _publisher.InvalidateCustomAsync("session", "abc123", Stop);
        await _publisher.InvalidatePatternAsync("feed:user_123:*", Stop);
        await _publisher.InvalidateBatchAsync(["user:1", "user:2"], Stop);
        await _publisher.PublishAsync(_publisher.Update(EntityType.User, "6"), Stop);
        await ReceivedAsync(9);
        Assert.Equal(
            ["Delete user:1", "Delete post:2", "Delete comment:3", "Delete notification:4", "Delete feed:5", "Delete session:abc123", "Pattern feed:user_123:*", "Batch user:1,user:2", "Update user:6"],
            _received.Select(Words));
        Assert.All(_received, static message => Assert.Equal("user-service", message.SourceService));
        Assert.Equal((9, 9, 0), (_publisher.Statistics.Snapshot().Published, _subscriber.Statistics.Snapshot().Received, _subscriber.Statistics.Snapshot().Errors));
    }

    [Fact]
    public async Task Publishing_without_a_subscriber_is_no_error() => Assert.Equal(0, await _publisher.InvalidateUserAsync("1", Stop));

    [Fact]
    public async Task The_wire_carries_the_message_and_nothing_else()
    {
        await using var subscription = await HearAsync();
        var message = _publisher.Delete(EntityType.Custom("session"), "abc");
        await _server.RunAsync("PUBLISH", "cache:invalidate", message.ToString());
        await ReceivedAsync(1);
        Assert.Equal(message.ToString(), _received.Single().ToString());
    }

    [Fact]
    public async Task Messages_of_one_channel_do_not_reach_subscribers_of_another()
    {
        await using var other = InvalidationPublisher.Create(_server.EndPoint.ToString(), "s", static o => o.Channel = "other");
        await using var subscription = await HearAsync();
        Assert.Equal(0, await other.InvalidateUserAsync("1", Stop));
        Assert.Equal(1, await _publisher.InvalidateUserAsync("2", Stop));
        await ReceivedAsync(1);
        Assert.Equal("Delete user:2", Words(_received.Single()));
    }

    [Fact]
    public async Task Ten_thousand_invalid_messages_are_counted_and_the_valid_messages_between_are_received()
    {
        await using var subscription = await HearAsync();
        string[] garbage = ["", "nonsense", "{}", "[1,2,3]", "{\"message_id\":5}", _publisher.Delete(EntityType.User, "x").ToString()[..^1], "\u0001\uFFFD", new('[', 300)];
        for (var round = 0; round < 10; round++)
        {
            for (var i = 0; i < 1000; i++)
                Assert.Equal(1, await _publisher.PublishAsync("cache:invalidate", System.Text.Encoding.UTF8.GetBytes(garbage[i % garbage.Length]), Stop));
            await _publisher.InvalidateUserAsync($"{round}", Stop);
        }

        await ReceivedAsync(10);
        Assert.Equal(Enumerable.Range(0, 10).Select(static i => $"Delete user:{i}"), _received.Select(Words));
        var figures = _subscriber.Statistics.Snapshot();
        Assert.Equal((10, 10_000, 10_000, 0), (figures.Received, figures.Rejected, figures.Errors, figures.Dropped));
        Assert.Single(_lines.Lines, static line => line.Text.Contains("not a valid invalidation message", StringComparison.Ordinal));
        Assert.DoesNotContain(_lines.Lines, static line => line.Text.Contains("nonsense", StringComparison.Ordinal));
    }

    [Fact]
    public async Task All_messages_of_five_concurrent_publishers_are_received_in_the_order_of_each_publisher()
    {
        await using var subscription = await HearAsync();
        await Task.WhenAll(Enumerable.Range(0, 5).Select(async number =>
        {
            await using var publisher = InvalidationPublisher.Create(_server.EndPoint.ToString(), $"service {number}");
            for (var i = 0; i < 500; i++)
                await publisher.InvalidateUserAsync($"{i}", Stop);
        }));
        await ReceivedAsync(2500);
        Assert.All(
            _received.GroupBy(static message => message.SourceService),
            static of => Assert.Equal(Enumerable.Range(0, 500).Select(static i => $"{i}"), of.Select(static message => message.EntityId!)));
    }

    [Fact]
    public async Task A_callback_that_throws_is_counted_and_the_next_message_is_handled()
    {
        await using var subscription = _subscriber.Subscribe((message, _) => message.EntityId == "bad" ? throw new InvalidOperationException("no") : Keep(message));
        await subscription.Subscribed;
        await _publisher.InvalidateUserAsync("bad", Stop);
        await _publisher.InvalidateUserAsync("good", Stop);
        await ReceivedAsync(1);
        Assert.Equal((2, 1), (_subscriber.Statistics.Snapshot().Received, _subscriber.Statistics.Snapshot().Errors));
        Assert.Single(_lines.Lines, static line => line.Level == LogLevel.Error && line.Text.Contains("the callback failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Callbacks_run_one_at_a_time()
    {
        var (running, most) = (0, 0);
        await using var subscription = _subscriber.Subscribe(async (message, stop) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            await Task.Yield();
            Interlocked.Decrement(ref running);
            await Keep(message);
        });
        await subscription.Subscribed;
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => _publisher.InvalidateUserAsync($"{i}", Stop).AsTask()));
        await ReceivedAsync(200);
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task A_slow_callback_does_not_delay_others_and_dropped_messages_are_counted_and_reported()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var slow = InvalidationSubscriber.Create(_server.EndPoint.ToString(), static o => o.QueueCapacity = 16, _loggers);
        await using var held = slow.Subscribe(
            async (_, _) => await gate.Task,
            _ =>
            {
                Interlocked.Increment(ref _gaps);
                return default;
            });
        await held.Subscribed;
        await using var subscription = await HearAsync();
        for (var i = 0; i < 1000; i++)
            await _publisher.InvalidateUserAsync($"{i}", Stop);
        await ReceivedAsync(1000);
        await Eventually.TrueAsync("the slow one has dropped all but its queue and the one that it holds", () => Task.FromResult(slow.Statistics.Snapshot().Dropped is 983 or 984));
        Assert.Equal(0, _gaps);
        gate.SetResult();
        await Eventually.TrueAsync("it was told", () => Task.FromResult(Volatile.Read(ref _gaps) > 0));
        await Eventually.TrueAsync("and took the rest", () => Task.FromResult(slow.Statistics.Snapshot() is { } f && f.Received + f.Dropped == 1000));
        Assert.Contains(_lines.Lines, static line => line.Text.Contains("faster than they are handled", StringComparison.Ordinal));
        await _publisher.InvalidateUserAsync("later", Stop);
        await Eventually.TrueAsync("and goes on", () => Task.FromResult(slow.Statistics.Snapshot() is { } f && f.Received + f.Dropped == 1001));
        Assert.Equal(_gaps, slow.Statistics.Snapshot().Gaps);
    }

    [Fact]
    public async Task A_publish_of_a_failing_list_sends_the_keys_read_so_far_and_then_throws()
    {
        static IEnumerable<string> Throwing()
        {
            yield return "c";
            throw new InvalidTimeZoneException("the list is broken");
        }

        await using var subscription = await HearAsync();
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => _publisher.InvalidateBatchAsync(["a", null!, "half\uD83D", "b"], Stop).AsTask());
        Assert.Equal("keys[1] is null, or contains an unpaired surrogate, which UTF-8 cannot represent. The other keys are published. (Parameter 'keys')", refused.Message);
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => _publisher.InvalidateBatchAsync(Throwing(), Stop).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => _publisher.InvalidateBatchAsync([null!], Stop).AsTask());
        await _publisher.InvalidateBatchAsync([], Stop);
        await ReceivedAsync(3);
        Assert.Equal(["Batch a,b", "Batch c", "Batch "], _received.Select(Words));
    }

    [Fact]
    public async Task Messages_that_wait_are_bounded_by_their_bytes_too()
    {
        const int Bytes = 7 << 20;
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var slow = InvalidationSubscriber.Create(_server.EndPoint.ToString(), null, _loggers);
        await using var held = slow.Subscribe("large", async (_, _) => await gate.Task, _ =>
        {
            Interlocked.Increment(ref _gaps);
            return default;
        });
        await held.Subscribed;
        for (var i = 0; i < 12; i++)
            Assert.Equal(1, await _publisher.PublishAsync("large", new byte[Bytes], Stop));

        await Eventually.TrueAsync("two of twelve are dropped: one is at the callback, and nine wait", () => Task.FromResult(slow.Statistics.Snapshot().Dropped == 2));
        gate.SetResult();
        await Eventually.TrueAsync("it was told", () => Task.FromResult(Volatile.Read(ref _gaps) == 1));
        await Eventually.TrueAsync("and took the rest", () => Task.FromResult(slow.Statistics.Snapshot().Received == 10));
        for (var i = 0; i < 12; i++)
        {
            await _publisher.PublishAsync("large", new byte[Bytes], Stop);
            await Eventually.TrueAsync("room came back", () => Task.FromResult(slow.Statistics.Snapshot().Received == 11 + i));
        }
    }

    [Fact]
    public async Task A_payload_of_a_plain_channel_that_is_too_long_reaches_no_reader()
    {
        const int Most = 8 << 20;
        var lengths = new ConcurrentQueue<int>();
        await using var subscription = _subscriber.Subscribe("large", (payload, _) =>
        {
            lengths.Enqueue(payload.Length);
            return default;
        });
        await subscription.Subscribed;
        await _server.RunAsync("PUBLISH", "large", new string('x', Most + 1));
        await _publisher.PublishAsync("large", new byte[Most], Stop);
        await Eventually.TrueAsync("the other one is heard", () => Task.FromResult(!lengths.IsEmpty));
        Assert.Equal([Most], lengths);
        Assert.Equal((1, 1), (_subscriber.Statistics.Snapshot().Rejected, _subscriber.Statistics.Snapshot().Received));
        Assert.Contains(_lines.Lines, static line => line.Text.Contains("longer than 8 MB", StringComparison.Ordinal));
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => _publisher.PublishAsync("large", new byte[Most + 1], Stop).AsTask());
        Assert.Equal("The payload has 8388609 bytes; the maximum is 8388608. Publish several smaller messages. (Parameter 'payload')", refused.Message);
    }

    [Fact]
    public async Task A_subscription_lost_in_a_burst_is_restored_and_reports_one_gap()
    {
        await using var subscription = await HearAsync();
        using var enough = new CancellationTokenSource();
        var burst = Task.Run(
            async () =>
            {
                for (var i = 0; !enough.IsCancellationRequested; i++)
                    await _publisher.TryPublishAsync(_publisher.Delete(EntityType.User, $"{i}"), Stop);
            },
            Stop);
        await ReceivedAsync(100);
        await _server.RunAsync("CLIENT", "KILL", "TYPE", "pubsub");
        await Eventually.TrueAsync("the gap was told", () => Task.FromResult(Volatile.Read(ref _gaps) == 1));
        var before = _received.Count;
        await ReceivedAsync(before + 100);
        await enough.CancelAsync();
        await burst;
        Assert.Equal((1, 1), (_gaps, _subscriber.Statistics.Snapshot().Gaps));
        var ids = _received.Select(static message => int.Parse(message.EntityId!, System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(ids.Order().Distinct(), ids);
    }

    [Fact]
    public async Task A_server_that_restarts_is_one_gap_and_then_all_is_received_again()
    {
        await using var subscription = await HearAsync();
        await _server.StopAsync();
        await Eventually.TrueAsync("the loss is seen", () => Task.FromResult(!subscription.IsSubscribed));
        Assert.Null(await _publisher.TryPublishAsync(_publisher.Delete(EntityType.User, "lost"), Stop));
        await _server.StartAgainAsync();
        await Eventually.TrueAsync("the gap was told", () => Task.FromResult(Volatile.Read(ref _gaps) == 1));
        await Eventually.TrueAsync("it is heard again", async () => await _publisher.TryPublishAsync(_publisher.Delete(EntityType.User, "again"), Stop) == 1);
        await ReceivedAsync(1);
        Assert.Equal(("Delete user:again", 1), (Words(_received.Last()), _gaps));
    }

    [Fact]
    public async Task A_gap_whose_handler_failed_is_reported_again()
    {
        await using var subscription = _subscriber.Subscribe(
            static (_, _) => default, _ => Interlocked.Increment(ref _gaps) == 1 ? throw new InvalidOperationException("no") : default);
        await subscription.Subscribed;
        await _server.RunAsync("CLIENT", "KILL", "TYPE", "pubsub");
        await Eventually.TrueAsync("it was told twice", () => Task.FromResult(Volatile.Read(ref _gaps) == 2));
    }

    [Fact]
    public async Task A_failing_publish_throws_soon_with_the_channel_and_the_cause_and_TryPublishAsync_returns_null()
    {
        await using var nowhere = InvalidationPublisher.Create("127.0.0.1:1", "s", loggers: _loggers);
        await Eventually.TrueAsync("the cause is logged", () => Task.FromResult(_lines.Lines.Any(static line =>
            line.Text.Contains("Redis at 127.0.0.1:1 cannot be reached: Connection refused", StringComparison.Ordinal))));
        var began = TimeProvider.System.GetTimestamp();
        var failed = await Assert.ThrowsAsync<ChannelException>(async () => await nowhere.InvalidateUserAsync("1", Stop));
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 0.0, 1.5);
        Assert.Contains("Channel cache:invalidate at 127.0.0.1:1", failed.Message, StringComparison.Ordinal);
        Assert.Contains("Connection refused", failed.Message, StringComparison.Ordinal);
        Assert.Null(await nowhere.TryPublishAsync(nowhere.Delete(EntityType.User, "1"), Stop));
        Assert.Null(await nowhere.TryPublishAsync(nowhere.Delete(EntityType.User, "2"), Stop));
        Assert.Equal((0, 3), (nowhere.Statistics.Snapshot().Published, nowhere.Statistics.Snapshot().Errors));
        Assert.Single(_lines.Lines, static line => line.Text.Contains("a message was not published", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_hangs_fails_a_publish_within_a_second()
    {
        await _publisher.InvalidateUserAsync("1", Stop);
        await _server.FreezeAsync();
        var began = TimeProvider.System.GetTimestamp();
        await Assert.ThrowsAsync<ChannelException>(async () => await _publisher.InvalidateUserAsync("1", Stop));
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 0.5, 1.5);
        await _server.ThawAsync();
    }

    [Fact]
    public async Task A_subscriber_skips_and_counts_the_messages_of_its_own_publisher()
    {
        await using var beside = InvalidationSubscriber.Create(_publisher);
        var own = new ConcurrentQueue<string>();
        await using var hears = beside.Subscribe((message, _) =>
        {
            own.Enqueue(message.EntityId!);
            return default;
        });
        await hears.Subscribed;
        await _publisher.InvalidateUserAsync("own", Stop);
        await using var other = InvalidationPublisher.Create(_server.EndPoint.ToString(), "s");
        await other.InvalidateUserAsync("other", Stop);
        await Eventually.TrueAsync("the other one's is heard", () => Task.FromResult(!own.IsEmpty));
        Assert.Equal("other", Assert.Single(own));
        Assert.Equal(1, beside.Statistics.Snapshot().Own);
    }

    [Fact]
    public async Task A_service_without_a_cache_adds_it_to_its_container_and_needs_no_more_than_publish_and_subscribe()
    {
        await _server.RunAsync("ACL", "SETUSER", "channel", "on", ">secret", "&cache:*", "+publish", "+subscribe", "+unsubscribe", "+hello", "+client", "+ping", "+echo", "+info");
        await using var services = new ServiceCollection().AddLogging(l => l.AddProvider(_lines))
            .AddInvalidationChannel($"redis://channel:secret@{_server.EndPoint}", static o =>
            {
                o.ServiceName = "gateway";
                o.ReceiveOwn = true;
            })
            .BuildServiceProvider();
        await using var subscription = services.GetRequiredService<InvalidationSubscriber>().Subscribe((message, _) => Keep(message));
        await subscription.Subscribed.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, Stop);
        Assert.Equal(1, await services.GetRequiredService<InvalidationPublisher>().InvalidateUserAsync("1", Stop));
        await ReceivedAsync(1);
        Assert.Equal("gateway", _received.Single().SourceService);
    }

    [Fact]
    public void Options_that_cannot_work_are_refused()
    {
        Assert.Contains("Channel is empty", Assert.Throws<ArgumentException>(() => InvalidationPublisher.Create("x", "s", static o => o.Channel = "")).Message, StringComparison.Ordinal);
        Assert.Contains("QueueCapacity", Assert.Throws<ArgumentException>(() => InvalidationSubscriber.Create("x", static o => o.QueueCapacity = 1)).Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => InvalidationSubscriber.Create("http://x"));
    }

    private static string Words(InvalidationMessage message) =>
        $"{message.Action} {message.Pattern ?? (message.EntityIds is { } keys ? string.Join(',', keys) : EntityKey.Of(message.EntityType, message.EntityId!))}";

    private ValueTask Keep(InvalidationMessage message)
    {
        _received.Enqueue(message);
        return default;
    }

    private async Task<InvalidationSubscription> HearAsync()
    {
        var subscription = _subscriber.Subscribe((message, _) => Keep(message), _ =>
        {
            Interlocked.Increment(ref _gaps);
            return default;
        });
        await subscription.Subscribed;
        return subscription;
    }

    private Task ReceivedAsync(int count) => Eventually.TrueAsync($"{count} messages are heard, after {_received.Count}", () => Task.FromResult(_received.Count >= count));
}
