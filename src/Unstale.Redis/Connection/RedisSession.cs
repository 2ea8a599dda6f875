using System.Net;
using StackExchange.Redis;

namespace Unstale.Redis.Connection;

/// <summary>
/// Two connections that close together: control for subscriptions and tails, data for everything else. Both lead to the server that holds the keys.
/// The server may be replaced unnoticed, so scripts that return a position query the run id of the server.
/// </summary>
internal sealed class RedisSession(RedisConnection control, RedisConnection data, string channelPrefix)
{
    /// <summary>Run of a server with a hidden run id.</summary>
    public const string Hidden = "?";

    /// <summary>Increasing number of the link within this process.</summary>
    public long Number => Control.Number;

    public RedisConnection Control => control;

    public RedisConnection Data => data;

    /// <summary>Run passed to scripts: empty, which lets scripts query the server, or <see cref="Hidden"/> if the server hides the run id.</summary>
    public string Run => control.Server.RunId is null ? Hidden : "";

    /// <summary>Prefix added by the client to subscribed channels. Publishing scripts must add the same prefix.</summary>
    public string ChannelPrefix => channelPrefix;

    /// <summary>Whether the server is a node of a cluster, where the channel of a log belongs to the slot of the log's keys.</summary>
    public bool IsSharded { get; } = control.Holder?.ServerType == ServerType.Cluster;

    public bool IsOpen => control.IsOpen && data.IsOpen;

    public bool IsHeldBy(EndPoint? server) => Equals(control.Holder?.EndPoint, server) || Equals(data.Holder?.EndPoint, server);

    public void Drop(Exception why)
    {
        control.Close(why);
        data.Close(why);
    }
}
