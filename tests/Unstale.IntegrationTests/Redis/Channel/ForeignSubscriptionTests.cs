using System.Collections.Concurrent;
using System.Text;
using Unstale.IntegrationTests.Support;
using Unstale.Redis.Channel;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Channel;

/// <summary>Subscriptions to foreign channels.</summary>
public sealed class ForeignSubscriptionTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<string> _received = [];
    private RedisServer _server = null!;
    private InvalidationPublisher _publisher = null!;
    private InvalidationSubscriber _subscriber = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _publisher = InvalidationPublisher.Create(_server.EndPoint.ToString(), "shop");
        _subscriber = InvalidationSubscriber.Create(_publisher);
    }

    public async ValueTask DisposeAsync()
    {
        await _publisher.DisposeAsync();
        await _subscriber.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Payloads_of_any_form_arrive_unchanged_including_those_of_the_own_process()
    {
        await using var subscription = await HearAsync(static _ => { });
        string[] payloads = ["{}", "", "ÿ", new string('x', 100_000)];
        foreach (var payload in payloads)
            Assert.Equal(1, await _publisher.PublishAsync("any:channel", Encoding.UTF8.GetBytes(payload), Stop));
        await _publisher.InvalidateUserAsync("1", Stop);
        await ReceivedAsync(payloads.Length);
        Assert.Equal(payloads, _received);
    }

    [Fact]
    public async Task A_payload_modified_after_the_publish_call_is_sent_unmodified_even_before_the_connection_is_open()
    {
        await using var subscription = await HearAsync(static _ => { });
        await using var late = InvalidationPublisher.Create(_server.EndPoint.ToString(), "late");
        var payload = Encoding.UTF8.GetBytes("as it was");
        var publishing = late.PublishAsync("any:channel", payload, Stop);
        payload.AsSpan().Fill((byte)'x');
        await publishing;
        await ReceivedAsync(1);
        Assert.Equal(["as it was"], _received);
    }

    [Fact]
    public async Task A_channel_whose_name_is_no_text_is_refused_to_publishers_and_subscribers()
    {
        const string Message =
            "The name of a channel contains an unpaired surrogate, which UTF-8 cannot represent: two such names would be one channel. Split text between whole characters. (Parameter 'channel')";
        const string Name = "news\uD83D";
        Assert.Equal(Message, (await Assert.ThrowsAsync<ArgumentException>(() => _publisher.PublishAsync(Name, default, Stop).AsTask())).Message);
        Assert.Equal(Message, Assert.Throws<ArgumentException>(() => _subscriber.Subscribe(Name, (_, _) => default)).Message);
    }

    [Fact]
    public async Task A_callback_that_throws_is_counted_and_the_next_message_is_handed_over()
    {
        await using var subscription = await HearAsync(static text => throw (text == "bad" ? new FormatException(text) : new InvalidOperationException(text)));
        foreach (var payload in new[] { "bad", "bad", "worse" })
            await _publisher.PublishAsync("any:channel", Encoding.UTF8.GetBytes(payload), Stop);
        await Eventually.TrueAsync("three were counted", () => Task.FromResult(_subscriber.Statistics.Snapshot().Errors == 3));
        var figures = _subscriber.Statistics.Snapshot();
        Assert.Equal((2, 1), (figures.Rejected, figures.Received));
        Assert.Equal(["bad", "bad", "worse"], _received);
    }

    private async Task<InvalidationSubscription> HearAsync(Action<string> then)
    {
        var subscription = _subscriber.Subscribe("any:channel", (payload, _) =>
        {
            var text = Encoding.UTF8.GetString(payload.Span);
            _received.Enqueue(text);
            then(text);
            return default;
        });
        await subscription.Subscribed.WaitAsync(Stop);
        return subscription;
    }

    private Task ReceivedAsync(int count) => Eventually.TrueAsync($"{count} were heard", () => Task.FromResult(_received.Count >= count));
}
