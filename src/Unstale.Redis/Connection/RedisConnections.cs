using Unstale.Boundary;

namespace Unstale.Redis.Connection;

/// <summary>
/// Connections of this process to a server or to the servers of a cluster. Each log has a link of its own, because different logs may be stored on
/// different servers. All channels share one link. All links use the same multiplexers.
/// </summary>
internal sealed class RedisConnections : IAsyncDisposable
{
    /// <summary>Placeholder for the key of the channels, which have none.</summary>
    private const string Channels = "channels";

    /// <summary>Key for any server, where no log provides a key.</summary>
    private const string AnyKey = "unstale";

    private readonly RedisSettings _settings;
    private readonly RedisConnectionManager _pairs;
    private readonly SessionReports _reports;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ListenerGroup> _groups = new(StringComparer.Ordinal);
    private Task _closing = Task.CompletedTask;
    private bool _isStarted;
    private bool _disposed;

    /// <param name="settings">Server and connection settings.</param>
    /// <param name="logger">Logger for opened and closed links.</param>
    public RedisConnections(RedisSettings settings, GuardedLogger logger)
    {
        _settings = settings;
        _reports = new SessionReports(settings, logger);
        _pairs = new RedisConnectionManager(settings) { OpenFailed = _reports.Failed };
    }

    /// <summary>Called with each open link of a log, before the listeners are called. Must not block.</summary>
    public Action<RedisSession>? Greet { get; init; }

    /// <summary>Name of the server in messages.</summary>
    public string EndPoint => _settings.Place;

    public GuardedTime TimeProvider => _settings.TimeProvider;

    /// <summary>Link of the channels, or else of a log; null while none is open.</summary>
    public RedisSession? Current
    {
        get
        {
            lock (_gate)
                return _groups.GetValueOrDefault(Channels)?.Current ?? _groups.Values.Select(static g => g.Current).FirstOrDefault(static link => link is not null);
        }
    }

    /// <summary>Reason for which there is no link of the channels, or else of a log.</summary>
    public Exception? LastFailure
    {
        get
        {
            lock (_gate)
                return (_groups.GetValueOrDefault(Channels) ?? _groups.Values.FirstOrDefault())?.LastFailure;
        }
    }

    /// <summary>Scripts to load on the server over each new link of a log.</summary>
    public IReadOnlyList<RedisScript> Scripts { get; set; } = [];

    /// <summary>Returns the reason for which there is no link of a log.</summary>
    /// <param name="key">Key of the log's listeners.</param>
    public Exception? FailureOf(string key)
    {
        lock (_gate)
            return _groups.GetValueOrDefault(key)?.LastFailure;
    }

    /// <summary>Returns a connection for a command that needs no link, as soon as there is one. Fails after the limit.</summary>
    public async ValueTask<RedisConnection> ConnectedAsync(TimeSpan limit, CancellationToken ct)
    {
        if (Current is { } current)
            return current.Data;

        ListenerGroup channels;
        lock (_gate)
            channels = Group_NeedsLock(Channels);

        return (await channels.ConnectedAsync(limit, ct).ConfigureAwait(false)).Data;
    }

    /// <summary>Begins to connect, and retries until disposed. Without listeners, the link of the channels is opened.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_isStarted || _disposed)
                return;

            _isStarted = true;
            _pairs.Start();
            if (_groups.Count == 0)
                Group_NeedsLock(Channels);

            foreach (var group in _groups.Values)
                group.Start();
        }
    }

    /// <summary>Adds a listener. If a link is open, the listener is notified as soon as the channel is subscribed.</summary>
    public void Add(IRedisListener listener)
    {
        var subscription = new ChannelSubscription(listener);
        ListenerGroup group;
        lock (_gate)
        {
            group = Group_NeedsLock(listener.Key ?? Channels);
            group.Add(subscription);
        }

        group.Notify(subscription);
    }

    /// <summary>Removes a listener. The listener is not called after this method returns. The link of a log stays open until <see cref="CloseUnused"/>.</summary>
    public void Remove(IRedisListener listener)
    {
        ListenerGroup? group;
        lock (_gate)
            group = _groups.GetValueOrDefault(listener.Key ?? Channels);

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
            log = _groups.GetValueOrDefault(key);

        if (log is null)
            return;

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
                group.Start();
        }

        return group;
    }

    /// <summary>Returns the key of a log if there is one, because the user may be denied any other key.</summary>
    private string KeyOfAny()
    {
        lock (_gate)
            return _groups.Keys.FirstOrDefault(static key => key != Channels) ?? AnyKey;
    }
}
