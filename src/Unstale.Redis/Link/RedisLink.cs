using System.Net;
using StackExchange.Redis;

namespace Unstale.Redis.Link;

/// <summary>
/// Two connections that end together: control for subscriptions and tails, data for all else. They lead to the server that holds the keys, which
/// may be replaced behind them: the scripts that give out a position ask the server for its run id.
/// </summary>
internal sealed class RedisLink(RedisConnection control, RedisConnection data, string channelPrefix)
{
    /// <summary>The run of a server that hides it.</summary>
    public const string Hidden = "?";

    /// <summary>Rises from link to link of this process.</summary>
    public long Number => Control.Number;

    public RedisConnection Control => control;

    public RedisConnection Data => data;

    /// <summary>Scripts are told nothing of the server, and ask it; unless it hides its run id from all.</summary>
    public string Run => control.Server.RunId is null ? Hidden : "";

    /// <summary>The client puts it before the channels that it subscribes to, and so must scripts that publish.</summary>
    public string ChannelPrefix => channelPrefix;

    /// <summary>Whether the server is a node of a cluster, where the channel of a log lies in the slot of its keys.</summary>
    public bool IsSharded { get; } = control.Holder?.ServerType == ServerType.Cluster;

    public bool IsOpen => control.IsOpen && data.IsOpen;

    public bool IsHeldBy(EndPoint? server) => Equals(control.Holder?.EndPoint, server) || Equals(data.Holder?.EndPoint, server);

    public void Drop(Exception why)
    {
        control.Close(why);
        data.Close(why);
    }
}
