using Unstale.Boundary;

namespace Unstale.Redis.Connection;

/// <summary>
/// Listeners of one log, or of all channels, with a link of their own. The link is opened, closed and lost independently of the links of other groups.
/// </summary>
internal sealed class ListenerGroup : IAsyncDisposable
{
    private readonly SessionReports _reports;
    private readonly RedisConnector _connector;
    private readonly Lock _gate = new();

    /// <summary>Subscriptions requested over the open or prepared link, by channel.</summary>
    private readonly Dictionary<string, Task> _requests = new(StringComparer.Ordinal);

    /// <summary>Completes when the last abandoned channel is unsubscribed. A new subscription waits until then, because the channel may be the same.</summary>
    private Task _endings = Task.CompletedTask;
    private ChannelSubscription[] _subscriptions = [];
    private RedisSession? _link;
    private RedisSession? _current;
    private volatile bool _disposed;

    /// <param name="settings">Server and limits.</param>
    /// <param name="pairs">Owner of the multiplexers.</param>
    /// <param name="key">Key by which the server is selected.</param>
    /// <param name="reports">Log lines of the hub.</param>
    public ListenerGroup(RedisSettings settings, RedisConnectionManager pairs, Func<string> key, SessionReports reports)
    {
        _reports = reports;
        _connector = new RedisConnector(settings, pairs, key, Handle, PrepareAsync)
        {
            Connected = Announce,
            Disconnected = Withdraw,
            ConnectFailed = why => reports.Failed(this, why),
        };
    }

    /// <summary>Whether the listeners belong to a log.</summary>
    public bool IsOfLog { get; init; }

    /// <summary>Called with each open link, before the listeners are called. Must not block.</summary>
    public Action<RedisSession>? Greet { get; init; }

    /// <summary>Scripts to load on the server over each new link.</summary>
    public IReadOnlyList<RedisScript> Scripts { get; init; } = [];

    /// <summary>Currently open link; null if there is none.</summary>
    public RedisSession? Current => Volatile.Read(ref _current) is { IsOpen: true } link ? link : null;

    /// <inheritdoc cref="RedisConnector.LastFailure"/>
    public Exception? LastFailure => _connector.LastFailure;

    public bool IsEmpty => Volatile.Read(ref _subscriptions).Length == 0;

    /// <summary>Completes when the abandoned channels are unsubscribed.</summary>
    public Task WhenUnsubscribed => Volatile.Read(ref _endings);

    public void Start() => _connector.Start();

    /// <inheritdoc cref="RedisConnector.ConnectedAsync"/>
    public Task<RedisSession> ConnectedAsync(TimeSpan limit, CancellationToken ct) => _connector.ConnectedAsync(limit, ct);

    /// <summary>Adds a listener, and subscribes to its channel if a link is open or being prepared.</summary>
    public void Add(ChannelSubscription subscription)
    {
        lock (_gate)
        {
            _subscriptions = [.. _subscriptions, subscription];
            if (_link is { } link)
                Subscribe_NeedsLock(link, subscription);
        }
    }

    /// <summary>Notifies an added listener of the open link, as soon as the channel is subscribed.</summary>
    public void Notify(ChannelSubscription subscription)
    {
        if (Volatile.Read(ref _current) is { } current)
            _ = WithoutExecutionContext.Start((Group: this, subscription, current), static s => s.Group.NotifyAsync(s.subscription, s.current));
    }

    /// <summary>Removes a listener. The listener is not called after this method returns.</summary>
    public void Remove(IRedisListener listener)
    {
        ChannelSubscription? subscription;
        lock (_gate)
        {
            subscription = Array.Find(_subscriptions, s => s.Listener == listener);
            _subscriptions = [.. _subscriptions.Where(s => s != subscription)];
            if (subscription is not null && _link is { } link && !Array.Exists(_subscriptions, s => s.Channel == subscription.Channel) && _requests.Remove(subscription.Channel, out var earlier))
                _endings = Task.WhenAll(_endings, WithoutExecutionContext.Start((earlier, link, subscription), static s => EndAsync(s.earlier, s.link, s.subscription)));
        }

        subscription?.Leave();
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        await _connector.DisposeAsync().ConfigureAwait(false);
        _reports.Forget(this);
    }

    /// <summary>Loads the scripts and subscribes to the channels, before the link is handed out.</summary>
    private async Task PrepareAsync(RedisSession link, CancellationToken ct)
    {
        try
        {
            await link.Data.LoadAsync(Scripts, ct).ConfigureAwait(false);
            await SubscribeAllAsync(link).WaitAsync(ct).ConfigureAwait(false);
        }
        catch
        {
            Forget();
            throw;
        }
    }

    private async Task SubscribeAllAsync(RedisSession link)
    {
        Task[] all;
        lock (_gate)
        {
            _link = link;
            _requests.Clear();
            foreach (var subscription in _subscriptions)
                Subscribe_NeedsLock(link, subscription);

            all = [.. _requests.Values];
        }

        await Task.WhenAll(all).ConfigureAwait(false);
    }

    /// <summary>Starts the subscription. Subscribe and unsubscribe requests reach the client in the order recorded here.</summary>
    private void Subscribe_NeedsLock(RedisSession link, ChannelSubscription subscription)
    {
        if (!_requests.ContainsKey(subscription.Channel))
        {
            var earlier = _endings;
            _requests.Add(subscription.Channel, WithoutExecutionContext.Start((earlier, link, subscription), static s => SubscribeAsync(s.earlier, s.link, s.subscription)));
        }
    }

    private static async Task SubscribeAsync(Task earlier, RedisSession link, ChannelSubscription subscription)
    {
        if (subscription.Listener.IsOfLog && !link.Data.Server.HasStreams)
            throw Errors.ServerWithoutStreams(link.Data.Place);

        await earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await link.Control.SubscribeAsync(subscription.Channel, subscription.IsSharded(link), subscription.Listener.IsOfLog).ConfigureAwait(false);
    }

    /// <summary>Publishes the prepared link as the current one, and notifies the listeners.</summary>
    private void Announce(RedisSession link)
    {
        ChannelSubscription[] subscriptions;
        lock (_gate)
        {
            _current = link;
            subscriptions = _subscriptions;
        }

        _reports.Up(this, link, IsOfLog);
        Greet?.Invoke(link);
        foreach (var subscription in subscriptions)
            _ = NotifyAsync(subscription, link);
    }

    private async Task NotifyAsync(ChannelSubscription subscription, RedisSession link)
    {
        try
        {
            Task? subscribed;
            lock (_gate)
                subscribed = _link == link ? _requests.GetValueOrDefault(subscription.Channel) : null;

            if (subscribed is not null)
            {
                await subscribed.ConfigureAwait(false);
                subscription.Up(link, session => session == Volatile.Read(ref _current));
            }
        }
        catch (Exception error)
        {
            link.Drop(error);
        }
    }

    private void Withdraw(RedisSession link, Exception why)
    {
        Forget();
        link.Drop(why);
        _reports.Down(link, _disposed ? null : why);
        foreach (var subscription in Volatile.Read(ref _subscriptions))
            subscription.Down(link, why);
    }

    private void Forget()
    {
        lock (_gate)
        {
            _link = null;
            _current = null;
            _requests.Clear();
        }
    }

    private void Handle(RedisConnection connection, string channel, byte[]? payload)
    {
        foreach (var subscription in Volatile.Read(ref _subscriptions))
        {
            if (subscription.Channel != channel)
                continue;

            if (payload is null)
            {
                subscription.PushesLost(connection);
            }
            else
            {
                subscription.Pushed(connection, payload);
            }
        }
    }

    private static async Task EndAsync(Task subscribed, RedisSession link, ChannelSubscription subscription)
    {
        try
        {
            await subscribed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await link.Control.UnsubscribeAsync(subscription.Channel, subscription.Listener.IsOfLog).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The link closes, and its subscriptions end with it.
        }
    }
}
