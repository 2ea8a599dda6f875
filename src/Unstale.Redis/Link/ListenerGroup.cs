using Unstale.Boundary;

namespace Unstale.Redis.Link;

/// <summary>
/// Listeners of one log, or those of all channels, and the link of their own: it is made, closed and lost apart from the links of other groups.
/// </summary>
internal sealed class ListenerGroup : IAsyncDisposable
{
    private readonly LinkReports _reports;
    private readonly RedisConnector _connector;
    private readonly Lock _gate = new();

    /// <summary>Of the link that stands or is about to: what was asked of it, by channel.</summary>
    private readonly Dictionary<string, Task> _subscriptions = new(StringComparer.Ordinal);

    /// <summary>Ends when the last channel that was left is unsubscribed: it may be wanted again meanwhile.</summary>
    private Task _endings = Task.CompletedTask;
    private ListenerSeat[] _seats = [];
    private RedisLink? _link;
    private RedisLink? _current;
    private volatile bool _disposed;

    /// <param name="settings">The server and limits.</param>
    /// <param name="pairs">Owner of the multiplexers.</param>
    /// <param name="key">A key of the server that is meant.</param>
    /// <param name="reports">Log lines of the hub.</param>
    public ListenerGroup(RedisSettings settings, RedisConnectionManager pairs, Func<string> key, LinkReports reports)
    {
        _reports = reports;
        _connector = new RedisConnector(settings, pairs, key, Handle, PrepareAsync)
        {
            Connected = Announce,
            Disconnected = Withdraw,
            ConnectFailed = why => reports.Failed(this, why),
        };
    }

    /// <summary>Whether the listeners are those of a log.</summary>
    public bool IsOfLog { get; init; }

    /// <summary>Called with each link that stands, before the listeners are; it must not wait.</summary>
    public Action<RedisLink>? Greet { get; init; }

    /// <summary>Scripts that each new link makes known to the server.</summary>
    public IReadOnlyList<RedisScript> Scripts { get; init; } = [];

    /// <summary>Link of the moment, or null.</summary>
    public RedisLink? Current => Volatile.Read(ref _current) is { IsOpen: true } link ? link : null;

    /// <inheritdoc cref="RedisConnector.LastFailure"/>
    public Exception? LastFailure => _connector.LastFailure;

    public bool IsEmpty => Volatile.Read(ref _seats).Length == 0;

    /// <summary>Ends when the channels that were left are unsubscribed.</summary>
    public Task WhenUnsubscribed => Volatile.Read(ref _endings);

    public void Start() => _connector.Start();

    /// <inheritdoc cref="RedisConnector.ConnectedAsync"/>
    public Task<RedisLink> ConnectedAsync(TimeSpan limit, CancellationToken ct) => _connector.ConnectedAsync(limit, ct);

    /// <summary>Adds a listener, and subscribes to its channel if a link stands or is about to.</summary>
    public void Add(ListenerSeat seat)
    {
        lock (_gate)
        {
            _seats = [.. _seats, seat];
            if (_link is { } link)
            {
                Subscribe_NeedsLock(link, seat);
            }
        }
    }

    /// <summary>Notifies a listener that was added of the link that stands, as soon as its channel is subscribed.</summary>
    public void Seat(ListenerSeat seat)
    {
        if (Volatile.Read(ref _current) is { } current)
        {
            _ = WithoutExecutionContext.Start((Group: this, seat, current), static s => s.Group.SeatAsync(s.seat, s.current));
        }
    }

    /// <summary>When this returns, the listener is not called any more.</summary>
    public void Remove(IRedisListener listener)
    {
        ListenerSeat? seat;
        lock (_gate)
        {
            seat = Array.Find(_seats, s => s.Listener == listener);
            _seats = [.. _seats.Where(s => s != seat)];
            if (seat is not null && _link is { } link && !Array.Exists(_seats, s => s.Channel == seat.Channel) && _subscriptions.Remove(seat.Channel, out var earlier))
            {
                _endings = Task.WhenAll(_endings, WithoutExecutionContext.Start((earlier, link, seat), static s => EndAsync(s.earlier, s.link, s.seat)));
            }
        }

        seat?.Leave();
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        await _connector.DisposeAsync().ConfigureAwait(false);
        _reports.Forget(this);
    }

    /// <summary>Loads the scripts and subscribes to the channels, before anyone gets the link.</summary>
    private async Task PrepareAsync(RedisLink link, CancellationToken ct)
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

    private async Task SubscribeAllAsync(RedisLink link)
    {
        Task[] all;
        lock (_gate)
        {
            _link = link;
            _subscriptions.Clear();
            foreach (var seat in _seats)
            {
                Subscribe_NeedsLock(link, seat);
            }

            all = [.. _subscriptions.Values];
        }

        await Task.WhenAll(all).ConfigureAwait(false);
    }

    /// <summary>Subscribing and unsubscribing reach the client in the order in which they are noted here.</summary>
    private void Subscribe_NeedsLock(RedisLink link, ListenerSeat seat)
    {
        if (!_subscriptions.ContainsKey(seat.Channel))
        {
            var earlier = _endings;
            _subscriptions.Add(seat.Channel, WithoutExecutionContext.Start((earlier, link, seat), static s => SubscribeAsync(s.earlier, s.link, s.seat)));
        }
    }

    private static async Task SubscribeAsync(Task earlier, RedisLink link, ListenerSeat seat)
    {
        if (seat.Listener.IsOfLog && !link.Data.Server.HasStreams)
        {
            throw Errors.ServerWithoutStreams(link.Data.Place);
        }

        await earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await link.Control.SubscribeAsync(seat.Channel, seat.IsSharded(link), seat.Listener.IsOfLog).ConfigureAwait(false);
    }

    /// <summary>The link that was prepared stands.</summary>
    private void Announce(RedisLink link)
    {
        ListenerSeat[] seats;
        lock (_gate)
        {
            _current = link;
            seats = _seats;
        }

        _reports.Up(this, link, IsOfLog);
        Greet?.Invoke(link);
        foreach (var seat in seats)
        {
            _ = SeatAsync(seat, link);
        }
    }

    private async Task SeatAsync(ListenerSeat seat, RedisLink link)
    {
        try
        {
            Task? subscribed;
            lock (_gate)
            {
                subscribed = _link == link ? _subscriptions.GetValueOrDefault(seat.Channel) : null;
            }

            if (subscribed is not null)
            {
                await subscribed.ConfigureAwait(false);
                seat.Up(link, stands => stands == Volatile.Read(ref _current));
            }
        }
        catch (Exception error)
        {
            link.Drop(error);
        }
    }

    private void Withdraw(RedisLink link, Exception why)
    {
        Forget();
        link.Drop(why);
        _reports.Down(link, _disposed ? null : why);
        foreach (var seat in Volatile.Read(ref _seats))
        {
            seat.Down(link, why);
        }
    }

    private void Forget()
    {
        lock (_gate)
        {
            _link = null;
            _current = null;
            _subscriptions.Clear();
        }
    }

    private void Handle(RedisConnection connection, string channel, byte[]? payload)
    {
        foreach (var seat in Volatile.Read(ref _seats))
        {
            if (seat.Channel != channel)
            {
                continue;
            }

            if (payload is null)
            {
                seat.PushesLost(connection);
            }
            else
            {
                seat.Pushed(connection, payload);
            }
        }
    }

    private static async Task EndAsync(Task subscribed, RedisLink link, ListenerSeat seat)
    {
        try
        {
            await subscribed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await link.Control.UnsubscribeAsync(seat.Channel, seat.Listener.IsOfLog).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The link ends, and its subscriptions with it.
        }
    }
}
