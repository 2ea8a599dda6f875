using Unstale.Redis.Resp;

namespace Unstale.Redis.Link;

/// <summary>
/// Two connections to one process of a server that live and die together: control for what must be ordered with the pushes (subscriptions,
/// tails), data for all else.
/// </summary>
internal sealed class RedisLink(RespConnection control, RespConnection data, string run)
{
    /// <summary>The run of a server that hides it.</summary>
    public const string Hidden = "?";

    /// <summary>Rises from link to link of this process.</summary>
    public long Number => Control.Number;

    public RespConnection Control => control;

    public RespConnection Data => data;

    /// <summary>What scripts are told of the server's run: that it is hidden, else nothing, for scripts ask the server that executes them.</summary>
    public string Run => run;

    /// <summary>Put before the names of channels by the connection, and so by scripts that publish. Default: nothing.</summary>
    public string ChannelPrefix { get; init; } = "";

    /// <summary>True if records are published on sharded channels, which belong to a slot of a cluster. Default: false.</summary>
    public bool IsSharded { get; init; }

    public bool IsOpen => control.IsOpen && data.IsOpen;

    public void Drop(Exception why)
    {
        control.Close(why);
        data.Close(why);
    }
}
