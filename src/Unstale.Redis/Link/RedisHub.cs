using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Redis.Telemetry;

namespace Unstale.Redis.Link;

/// <summary>
/// Keeps one link to a server standing, for all logs of this process that live there: makes it, and makes it again when either of its
/// connections ends.
/// </summary>
internal sealed partial class RedisHub : IAsyncDisposable
{
    /// <summary>A failover through a Sentinel was followed in 0.1 s with so many, and in 5 to 10 s with two.</summary>
    private const int ThreadsOfFailover = 16;

    private readonly RedisSettings _settings;
    private readonly GuardedLogger _logger;
    private readonly RedisConnector _connector;
    private readonly Lock _gate = new();
    private RedisLink? _link;
    private RedisLink? _current;
    private string? _said;
    private bool _saidHidden;
    private bool _saidThreads;
    private volatile bool _disposed;

    /// <param name="settings">The server and how to speak to it.</param>
    /// <param name="logger">Told of links that come and go.</param>
    public RedisHub(RedisSettings settings, GuardedLogger logger)
    {
        _settings = settings;
        _logger = logger;
        _connector = new RedisConnector(settings, Key, Handle, PrepareAsync) { Connected = Announce, Disconnected = Withdraw, ConnectFailed = SayFailure };
    }

    /// <summary>Told of each link that stands, before its listeners are; it must not wait.</summary>
    public Action<RedisLink>? Greet { get; init; }

    /// <summary>Names the server in messages.</summary>
    public string EndPoint => _settings.Place;

    public GuardedTime TimeProvider => _settings.TimeProvider;

    /// <summary>The link of the moment, or null.</summary>
    public RedisLink? Current => Volatile.Read(ref _current) is { IsOpen: true } link ? link : null;

    /// <summary>Why there is no link.</summary>
    public Exception? LastFailure => _connector.LastFailure;

    /// <summary>Scripts that each new link makes known to the server; none if it carries only channels.</summary>
    public IReadOnlyList<RedisScript> Scripts { get; set; } = [];

    /// <summary>A connection for a command that needs no link, as soon as there is one. Fails after the limit.</summary>
    public async ValueTask<RedisConnection> ConnectedAsync(TimeSpan limit, CancellationToken ct) =>
        Current?.Data ?? (await _connector.ConnectedAsync(limit, ct).ConfigureAwait(false)).Data;

    /// <summary>Begins to connect, and never gives up until disposed. Doing it again changes nothing.</summary>
    public void Start() => _connector.Start();

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        await _connector.DisposeAsync().ConfigureAwait(false);
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

    /// <summary>A key that lies on the server that is meant; in a cluster there are others.</summary>
    private string Key() => Volatile.Read(ref _seats).Select(static seat => seat.Listener.Key).FirstOrDefault(static key => key is not null) ?? "unstale";

    private void SayUp(RedisLink link)
    {
        _said = null;
        var server = link.Control.Server;
        _logger.LinkUp(EndPoint, server.Name, server.Version, server.Role);
        ThreadPool.GetMinThreads(out var threads, out _);
        if (_settings.Configuration?.ServiceName is not null && threads < ThreadsOfFailover && !_saidThreads)
        {
            _saidThreads = true;
            _logger.FewThreads(EndPoint, threads);
        }

        if (link.Run == RedisLink.Hidden && !_saidHidden)
        {
            _saidHidden = true;
            _logger.RunIdHidden(EndPoint);
        }
    }

    /// <summary>A server that is away fails many times for one reason, which is said once.</summary>
    private void SayFailure(Exception why)
    {
        var message = UserCode.MessageOf(why); // a factory of the application may have failed
        if (_said != message)
        {
            _said = message;
            _logger.ConnectFailed(Unforeseen(why), EndPoint, message);
        }
    }

    /// <summary>Where it came from in the code tells an operator nothing about a server that is away.</summary>
    private static Exception? Unforeseen(Exception why) => why is CallException ? null : why;
}
