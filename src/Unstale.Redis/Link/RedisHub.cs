using Unstale.Boundary;

namespace Unstale.Redis.Link;

/// <summary>
/// Connections of this process to a server or to the servers of a cluster. Each log has a link of its own, for its keys may lie on another server
/// than those of its neighbour, and all channels share one; all go over the same multiplexers.
/// </summary>
internal sealed class RedisHub : IAsyncDisposable
{
    /// <summary>Stands for the key of the channels, which have none.</summary>
    private const string Channels = "channels";

    /// <summary>Key of any server, where no log names one.</summary>
    private const string AnyKey = "unstale";

    private readonly RedisSettings _settings;
    private readonly RedisConnectionManager _pairs;
    private readonly LinkReports _reports;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ListenerGroup> _groups = new(StringComparer.Ordinal);
    private Task _closing = Task.CompletedTask;
    private bool _isStarted;
    private bool _disposed;

    /// <param name="settings">The server and how to speak to it.</param>
    /// <param name="logger">Log of links that come and go.</param>
    public RedisHub(RedisSettings settings, GuardedLogger logger)
    {
        _settings = settings;
        _reports = new LinkReports(settings, logger);
        _pairs = new RedisConnectionManager(settings) { OpenFailed = _reports.Failed };
    }

    /// <summary>Called with each link of a log that stands, before its listeners are; it must not wait.</summary>
    public Action<RedisLink>? Greet { get; init; }

    /// <summary>Names the server in messages.</summary>
    public string EndPoint => _settings.Place;

    public GuardedTime TimeProvider => _settings.TimeProvider;

    /// <summary>Link of the channels, or else that of a log; null while none stands.</summary>
    public RedisLink? Current
    {
        get
        {
            lock (_gate)
            {
                return _groups.GetValueOrDefault(Channels)?.Current ?? _groups.Values.Select(static g => g.Current).FirstOrDefault(static link => link is not null);
            }
        }
    }

    /// <summary>Reason for which there is no link of channels, or else of a log.</summary>
    public Exception? LastFailure
    {
        get
        {
            lock (_gate)
            {
                return (_groups.GetValueOrDefault(Channels) ?? _groups.Values.FirstOrDefault())?.LastFailure;
            }
        }
    }

    /// <summary>Scripts that each new link of a log makes known to the server.</summary>
    public IReadOnlyList<RedisScript> Scripts { get; set; } = [];

    /// <summary>Reason for which there is no link of a log.</summary>
    /// <param name="key">Key of the log's listeners.</param>
    public Exception? FailureOf(string key)
    {
        lock (_gate)
        {
            return _groups.GetValueOrDefault(key)?.LastFailure;
        }
    }

    /// <summary>A connection for a command that needs no link, as soon as there is one. Fails after the limit.</summary>
    public async ValueTask<RedisConnection> ConnectedAsync(TimeSpan limit, CancellationToken ct)
    {
        if (Current is { } current)
        {
            return current.Data;
        }

        ListenerGroup channels;
        lock (_gate)
        {
            channels = Group_NeedsLock(Channels);
        }

        return (await channels.ConnectedAsync(limit, ct).ConfigureAwait(false)).Data;
    }

    /// <summary>Begins to connect, and never gives up until disposed. Without a listener the link of channels is made.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_isStarted || _disposed)
            {
                return;
            }

            _isStarted = true;
            _pairs.Start();
            if (_groups.Count == 0)
            {
                Group_NeedsLock(Channels);
            }

            foreach (var group in _groups.Values)
            {
                group.Start();
            }
        }
    }

    /// <summary>Adds a listener. While a link stands, it is notified of it as soon as its channel is subscribed.</summary>
    public void Add(IRedisListener listener)
    {
        var seat = new ListenerSeat(listener);
        ListenerGroup group;
        lock (_gate)
        {
            group = Group_NeedsLock(listener.Key ?? Channels);
            group.Add(seat);
        }

        group.Seat(seat);
    }

    /// <summary>When this returns, the listener is not called any more. The link of its log stays until <see cref="CloseUnused"/>.</summary>
    public void Remove(IRedisListener listener)
    {
        ListenerGroup? group;
        lock (_gate)
        {
            group = _groups.GetValueOrDefault(listener.Key ?? Channels);
        }

        group?.Remove(listener);
    }

    /// <summary>Closes the link of a log that has no listeners left.</summary>
    /// <param name="key">Key of the log's listeners.</param>
    public void CloseUnused(string key) => WithoutExecutionContext.Begin((Hub: this, key), static s => s.Hub.CloseUnusedAsync(s.key));

    public async ValueTask DisposeAsync()
    {
        Task closing;
        ListenerGroup[] groups;
        lock (_gate)
        {
            _disposed = true;
            closing = _closing;
            groups = [.. _groups.Values];
            _groups.Clear();
        }

        await Task.WhenAll(groups.Select(static group => group.DisposeAsync().AsTask()).Append(closing)).ConfigureAwait(false);
        await _pairs.DisposeAsync().ConfigureAwait(false);
    }

    private async Task CloseUnusedAsync(string key)
    {
        ListenerGroup? log;
        lock (_gate)
        {
            log = _groups.GetValueOrDefault(key);
        }

        if (log is null)
        {
            return;
        }

        await log.WhenUnsubscribed.ConfigureAwait(false);
        lock (_gate)
        {
            if (log.IsEmpty && _groups.GetValueOrDefault(key) == log)
            {
                _groups.Remove(key);
                _closing = Task.WhenAll(_closing, log.DisposeAsync().AsTask());
            }
        }
    }

    private ListenerGroup Group_NeedsLock(string key)
    {
        if (!_groups.TryGetValue(key, out var group))
        {
            group = key == Channels
                ? new ListenerGroup(_settings, _pairs, KeyOfAny, _reports)
                : new ListenerGroup(_settings, _pairs, () => key, _reports) { IsOfLog = true, Greet = Greet, Scripts = Scripts };
            _groups.Add(key, group);
            if (_isStarted && !_disposed)
            {
                group.Start();
            }
        }

        return group;
    }

    /// <summary>Key of a log if there is one: the user may be denied any other.</summary>
    private string KeyOfAny()
    {
        lock (_gate)
        {
            return _groups.Keys.FirstOrDefault(static key => key != Channels) ?? AnyKey;
        }
    }
}
