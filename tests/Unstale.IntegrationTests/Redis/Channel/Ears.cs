using System.Collections.Concurrent;
using Unstale.IntegrationTests.Support;
using Unstale.Redis.Channel;

namespace Unstale.IntegrationTests.Redis.Channel;

/// <summary>Subscriber of another service.</summary>
internal sealed class Ears : IAsyncDisposable
{
    private readonly ConcurrentQueue<InvalidationMessage> _messages = [];
    private readonly InvalidationSubscriber _subscriber;
    private readonly InvalidationSubscription _subscription;

    public Ears(RedisServer server)
    {
        _subscriber = InvalidationSubscriber.Create(server.EndPoint.ToString());
        _subscription = _subscriber.Subscribe((message, _) =>
        {
            _messages.Enqueue(message);
            return default;
        });
    }

    public Task Subscribed => _subscription.Subscribed;

    public IEnumerable<InvalidationMessage> Messages => _messages;

    public IEnumerable<string> Words => _messages.Where(static m => m.EntityIds is not { Count: 0 }).Select(static m =>
        $"{m.Action} {m.Pattern ?? (m.EntityIds is { } keys ? string.Join(',', keys) : EntityKey.Of(m.EntityType, m.EntityId!))}");

    public Task ReceivedAsync(int count) => Eventually.TrueAsync($"{count} messages, of which {string.Join(", ", Words)} are heard", () => Task.FromResult(_messages.Count >= count));

    public async ValueTask DisposeAsync()
    {
        await _subscription.DisposeAsync();
        await _subscriber.DisposeAsync();
    }
}
