using System.Reflection;
using Unstale.Redis.Resp;

namespace Unstale.Redis.Scripts;

/// <summary>
/// What runs on the server, each in one step. A script is put together of the parts that it uses; the Lua files say what they take
/// and give.
/// </summary>
internal static class RedisScripts
{
    public static readonly RespScript Append = Compose("server", "generation", "broad", "versions", "records", "append");
    public static readonly RespScript AppendPlain = Compose("append_plain");
    public static readonly RespScript Hear = Compose("server", "generation", "broad", "versions", "records", "hear");
    public static readonly RespScript Create = Compose("server", "generation", "create");
    public static readonly RespScript Tail = Compose("server", "generation", "caches", "nodes", "tail");
    public static readonly RespScript Members = Compose("server", "nodes", "members");
    public static readonly RespScript Get = Compose("broad", "envelope", "judge", "get");
    public static readonly RespScript Lease = Compose("caches", "lease");
    public static readonly RespScript Renew = Compose("renew");
    public static readonly RespScript Fill = Compose("envelope", "judge", "fill");
    public static readonly RespScript Release = Compose("release");
    public static readonly RespScript Set = Compose("server", "generation", "broad", "versions", "records", "envelope", "judge", "caches", "set");
    public static readonly RespScript Sweep = Compose("sweep");
    public static readonly RespScript Reap = Compose("envelope", "reap");
    public static readonly RespScript Swept = Compose("server", "broad", "swept");

    public static readonly RespScript Mend = Compose("server", "generation", "broad", "mend");

    private static readonly RespScript[] All = [Append, AppendPlain, Hear, Create, Tail, Members, Get, Lease, Renew, Fill, Release, Set, Sweep, Reap, Swept, Mend];

    /// <summary>Makes them known to the server of a new connection, so that no call has to be repeated.</summary>
    public static async ValueTask LoadAsync(RespConnection connection, CancellationToken ct)
    {
        foreach (var script in All)
        {
            await script.LoadAsync(connection, ct).ConfigureAwait(false);
        }
    }

    private static RespScript Compose(params string[] parts) =>
        new(string.Join('\n', parts.Prepend("prelude").Select(Read)));

    private static string Read(string part)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"{part}.lua")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
