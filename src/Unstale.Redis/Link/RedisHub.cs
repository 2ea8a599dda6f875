using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Redis.Resp;
using Unstale.Redis.Scripts;
using Unstale.Redis.Telemetry;

namespace Unstale.Redis.Link;

/// <summary>
/// Keeps one link to a server standing, for all logs of this process that live there: makes it, and makes it again when either of its
/// connections ends.
/// </summary>
internal sealed partial class RedisHub : IAsyncDisposable
{
    private readonly RespOptions _options;
    private readonly bool _behindProxy;
    private readonly GuardedLogger _logger;
    private readonly RespClient _client;
    private readonly Lock _gate = new();
    private RedisLink? _link;
    private RedisLink? _current;
    private string? _said;
    private bool _saidHidden;
    private volatile bool _disposed;

    /// <param name="options">The server and how to speak to it.</param>
    /// <param name="behindProxy">Whether the two connections of a link may lead to different servers.</param>
    /// <param name="logger">Told of links that come and go.</param>
    public RedisHub(RespOptions options, bool behindProxy, GuardedLogger logger)
    {
        _options = options;
        _behindProxy = behindProxy;
        _logger = logger;
        _client = new RespClient(options, Handle, PrepareAsync);
        _client.Connected += _ => Announce();
        _client.Disconnected += (_, why) => Withdraw(why);
        _client.ConnectFailed += SayFailure;
    }

    /// <summary>Told of each link that stands, before its listeners are; it must not wait.</summary>
    public Action<RedisLink>? Greet { get; init; }

    public RespEndPoint EndPoint => _options.EndPoint;

    public GuardedTime TimeProvider => _options.TimeProvider;

    /// <summary>The link of the moment, or null.</summary>
    public RedisLink? Current => Volatile.Read(ref _current) is { IsOpen: true } link ? link : null;

    /// <summary>Why there is no link.</summary>
    public Exception? LastFailure => _client.LastFailure;

    /// <summary>Whether logs live there, which need their scripts. One that carries only channels may be denied them.</summary>
    public bool CarriesLogs { get; set; }

    /// <summary>A connection for a command that needs no link, as soon as there is one. Fails after the limit.</summary>
    public async ValueTask<RespConnection> ConnectedAsync(TimeSpan limit, CancellationToken ct) =>
        Current?.Data ?? await _client.ConnectedAsync(limit, ct).ConfigureAwait(false);

    /// <summary>Begins to connect, and never gives up until disposed. Doing it again changes nothing.</summary>
    public void Start() => _client.Start();

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        await _client.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Makes the second connection and whatever a link needs before anyone gets it.</summary>
    private async ValueTask PrepareAsync(RespConnection control, CancellationToken ct)
    {
        RespConnection? data = null;
        try
        {
            data = await RespConnection.ConnectAsync(control.EndPoint, _options, ct: ct).ConfigureAwait(false);
            var link = new RedisLink(control, data, RunOf(control, data));
            if (CarriesLogs)
            {
                await Task.WhenAll(RedisScripts.LoadAsync(control, ct).AsTask(), RedisScripts.LoadAsync(data, ct).AsTask()).ConfigureAwait(false);
            }

            await SubscribeAllAsync(link).ConfigureAwait(false);
            _ = WatchDataAsync(link);
        }
        catch (Exception error)
        {
            Forget();
            data?.Close(error);
            throw;
        }
    }

    /// <summary>The client watches the control connection alone.</summary>
    private async Task WatchDataAsync(RedisLink link) =>
        link.Drop(await RespKeepAlive.WatchAsync(link.Data, _options, CancellationToken.None).ConfigureAwait(false));

    private string RunOf(RespConnection control, RespConnection data)
    {
        if (_behindProxy)
        {
            return "";
        }

        if (control.Server.RunId != data.Server.RunId)
        {
            throw Errors.LinkOfTwoServers(control.EndPoint);
        }

        if (control.Server.RunId is not null)
        {
            return "";
        }

        if (!_saidHidden)
        {
            _saidHidden = true;
            _logger.RunIdHidden(EndPoint);
        }

        return RedisLink.Hidden;
    }

    private void SayUp(RespServerInfo server)
    {
        _said = null;
        _logger.LinkUp(EndPoint, server.Name, server.Version, server.Role);
        if (server.Role is "replica" or "slave")
        {
            _logger.ServerIsReplica(EndPoint);
        }
    }

    /// <summary>A server that is away fails many times for one reason, which is said once.</summary>
    private void SayFailure(Exception why)
    {
        var message = UserCode.MessageOf(why); // credentials come from the application
        if (_said != message)
        {
            _said = message;
            _logger.ConnectFailed(Unforeseen(why), EndPoint, message);
        }
    }

    /// <summary>Where it came from in the code tells an operator nothing about a server that is away.</summary>
    private static Exception? Unforeseen(Exception why) => why is RespException ? null : why;
}
