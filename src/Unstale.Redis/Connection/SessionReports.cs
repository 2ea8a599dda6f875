using System.Net;
using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Redis.Telemetry;

namespace Unstale.Redis.Connection;

/// <summary>Writes log lines about the links of a hub: one per loss of a server and one per cause, however many links share it.</summary>
internal sealed class SessionReports(RedisSettings settings, GuardedLogger logger)
{
    /// <summary>
    /// Minimum number of thread pool threads below which a line is logged. With this number, a failover through a Sentinel was followed in 0.1 s; with
    /// two, in 5 to 10 s.
    /// </summary>
    private const int ThreadsOfFailover = 16;

    /// <summary>Maximum number of causes recorded per outage. A text that differs each time must not fill the memory or the log.</summary>
    private const int MostCauses = 64;

    private readonly Lock _gate = new();
    private readonly HashSet<RedisSession> _standing = [];

    /// <summary>Closed links whose loss is covered by the line of another link.</summary>
    private readonly HashSet<RedisSession> _covered = [];

    /// <summary>Servers whose newest line reports a connection.</summary>
    private readonly HashSet<EndPoint> _connected = [];

    /// <summary>Causes for which each maker of links has failed since its newest link.</summary>
    private readonly Dictionary<object, HashSet<string>> _causes = [];
    private bool _hasReportedHidden;
    private bool _hasReportedThreads;

    /// <summary>Reports an open link.</summary>
    /// <param name="source">Maker of the link.</param>
    /// <param name="link">The link.</param>
    /// <param name="isOfLog">Whether a log uses the link, and so needs the run id of the server.</param>
    public void Up(object source, RedisSession link, bool isOfLog)
    {
        bool isFirst, isHidden, areFew;
        ThreadPool.GetMinThreads(out var threads, out _);
        lock (_gate)
        {
            _standing.Add(link);
            _causes.Remove(source);
            _causes.Remove(this);
            isFirst = _connected.Add(HolderOf(link));
            areFew = !_hasReportedThreads && settings.Configuration?.ServiceName is not null && threads < ThreadsOfFailover;
            isHidden = !_hasReportedHidden && isOfLog && link.Run == RedisSession.Hidden;
            _hasReportedThreads |= areFew;
            _hasReportedHidden |= isHidden;
        }

        if (isFirst)
        {
            var server = link.Control.Server;
            logger.LinkUp(settings.Place, server.Name, server.Version, server.Role);
        }

        if (areFew)
            logger.FewThreads(settings.Place, threads);

        if (isHidden)
            logger.RunIdHidden(settings.Place);
    }

    /// <summary>Reports the loss of an open link.</summary>
    /// <param name="link">The link.</param>
    /// <param name="why">Reason; null if this process closed the link, for which no line is written.</param>
    public void Down(RedisSession link, Exception? why)
    {
        lock (_gate)
        {
            var holder = HolderOf(link);
            _standing.Remove(link);
            if (why is null)
                _connected.RemoveWhere(server => server.Equals(holder) && !_standing.Any(other => HolderOf(other).Equals(holder)));

            if (_covered.Remove(link) || why is null || !_connected.Remove(holder))
                return;

            _covered.UnionWith(_standing.Where(other => !other.IsOpen && HolderOf(other).Equals(holder)));
        }

        logger.LinkDown(Unforeseen(why), settings.Place, UserCode.MessageOf(why));
    }

    /// <summary>Reports a failure to open the multiplexers.</summary>
    public void Failed(Exception why) => Failed(this, why);

    /// <summary>Reports a failed attempt to make a link. Each cause is logged once, because an unreachable server fails many attempts for one cause.</summary>
    /// <param name="source">Maker of the link.</param>
    /// <param name="why">Reason.</param>
    public void Failed(object source, Exception why)
    {
        var message = UserCode.MessageOf(why); // a factory of the application may have failed
        lock (_gate)
        {
            var isKnown = _causes.Values.Any(causes => causes.Contains(message));
            if (!_causes.TryGetValue(source, out var own))
                _causes.Add(source, own = new HashSet<string>(StringComparer.Ordinal));

            if (own.Count == MostCauses || !own.Add(message) || isKnown)
                return;
        }

        logger.ConnectFailed(Unforeseen(why), settings.Place, message);
    }

    /// <summary>Removes the causes of a stopped maker of links.</summary>
    public void Forget(object source)
    {
        lock (_gate)
            _causes.Remove(source);
    }

    private static EndPoint HolderOf(RedisSession link) => link.Control.Holder!.EndPoint;

    /// <summary>Returns an unforeseen exception, else null. A stack trace is of no use to an operator whose server is down.</summary>
    private static Exception? Unforeseen(Exception why) => why is CallException ? null : why;
}
