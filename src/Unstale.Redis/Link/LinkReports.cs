using System.Net;
using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Redis.Telemetry;

namespace Unstale.Redis.Link;

/// <summary>Log lines about the links of a hub: one for each loss of a server and one for each cause, however many links share them.</summary>
internal sealed class LinkReports(RedisSettings settings, GuardedLogger logger)
{
    /// <summary>A failover through a Sentinel was followed in 0.1 s with so many, and in 5 to 10 s with two.</summary>
    private const int ThreadsOfFailover = 16;

    /// <summary>Causes of one outage; a text that differs each time must not fill the memory or the log.</summary>
    private const int MostCauses = 64;

    private readonly Lock _gate = new();
    private readonly HashSet<RedisLink> _standing = [];

    /// <summary>Links that stand no more, and whose loss the line of another one covers.</summary>
    private readonly HashSet<RedisLink> _covered = [];

    /// <summary>Servers of which the newest line is that they are connected.</summary>
    private readonly HashSet<EndPoint> _connected = [];

    /// <summary>Causes for which each maker of links has failed since its newest link.</summary>
    private readonly Dictionary<object, HashSet<string>> _causes = [];
    private bool _hasReportedHidden;
    private bool _hasReportedThreads;

    /// <summary>A link stands.</summary>
    /// <param name="source">Maker of the link.</param>
    /// <param name="link">The link.</param>
    /// <param name="isOfLog">Whether a log needs it, and with it the run id of the server.</param>
    public void Up(object source, RedisLink link, bool isOfLog)
    {
        bool isFirst, isHidden, areFew;
        ThreadPool.GetMinThreads(out var threads, out _);
        lock (_gate)
        {
            _standing.Add(link);
            _causes.Remove(source);
            _causes.Remove(this);
            isFirst = _connected.Add(Holder(link));
            areFew = !_hasReportedThreads && settings.Configuration?.ServiceName is not null && threads < ThreadsOfFailover;
            isHidden = !_hasReportedHidden && isOfLog && link.Run == RedisLink.Hidden;
            _hasReportedThreads |= areFew;
            _hasReportedHidden |= isHidden;
        }

        if (isFirst)
        {
            var server = link.Control.Server;
            logger.LinkUp(settings.Place, server.Name, server.Version, server.Role);
        }

        if (areFew)
        {
            logger.FewThreads(settings.Place, threads);
        }

        if (isHidden)
        {
            logger.RunIdHidden(settings.Place);
        }
    }

    /// <summary>A link that stood is closed.</summary>
    /// <param name="link">The link.</param>
    /// <param name="why">Reason; null if it is closed here, which no line reports.</param>
    public void Down(RedisLink link, Exception? why)
    {
        lock (_gate)
        {
            var holder = Holder(link);
            _standing.Remove(link);
            if (why is null)
            {
                _connected.RemoveWhere(server => server.Equals(holder) && !_standing.Any(other => Holder(other).Equals(holder)));
            }

            if (_covered.Remove(link) || why is null || !_connected.Remove(holder))
            {
                return;
            }

            _covered.UnionWith(_standing.Where(other => !other.IsOpen && Holder(other).Equals(holder)));
        }

        logger.LinkDown(Unforeseen(why), settings.Place, UserCode.MessageOf(why));
    }

    /// <summary>The multiplexers cannot be opened.</summary>
    public void Failed(Exception why) => Failed(this, why);

    /// <summary>An attempt to make a link failed. A server that is away fails many times for one cause.</summary>
    /// <param name="source">Maker of the link.</param>
    /// <param name="why">Reason.</param>
    public void Failed(object source, Exception why)
    {
        var message = UserCode.MessageOf(why); // a factory of the application may have failed
        lock (_gate)
        {
            var isKnown = _causes.Values.Any(causes => causes.Contains(message));
            if (!_causes.TryGetValue(source, out var own))
            {
                _causes.Add(source, own = new HashSet<string>(StringComparer.Ordinal));
            }

            if (own.Count == MostCauses || !own.Add(message) || isKnown)
            {
                return;
            }
        }

        logger.ConnectFailed(Unforeseen(why), settings.Place, message);
    }

    /// <summary>Forgets the causes for which a maker of links has failed: it makes none any more.</summary>
    public void Forget(object source)
    {
        lock (_gate)
        {
            _causes.Remove(source);
        }
    }

    private static EndPoint Holder(RedisLink link) => link.Control.Holder!.EndPoint;

    /// <summary>The place in the code is of no use to an operator of a server that is away.</summary>
    private static Exception? Unforeseen(Exception why) => why is CallException ? null : why;
}
