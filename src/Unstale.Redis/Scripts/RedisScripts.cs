using System.Reflection;
using Unstale.Redis.Connection;

namespace Unstale.Redis.Scripts;

/// <summary>
/// Scripts that run on the server, each in one atomic step. A script consists of the parts it uses. The Lua files document arguments and
/// replies.
/// </summary>
internal static class RedisScripts
{
    public static readonly RedisScript Append = Fenced("server", "generation", "broad", "versions", "records", "append");
    public static readonly RedisScript AppendPlain = Fenced("append_plain");
    public static readonly RedisScript Hear = Fenced("server", "generation", "broad", "versions", "records", "hear");
    public static readonly RedisScript Create = Fenced("server", "generation", "create");
    public static readonly RedisScript Tail = Fenced("server", "generation", "caches", "nodes", "tail");
    public static readonly RedisScript Members = Compose("server", "nodes", "members");
    public static readonly RedisScript GetOrLease = Compose("broad", "envelope", "judge", "confirm", "caches", "get_or_lease");
    public static readonly RedisScript Renew = Compose("renew");
    public static readonly RedisScript Load = Compose("envelope", "judge", "fill");
    public static readonly RedisScript Release = Compose("release");
    public static readonly RedisScript Set = Fenced("server", "generation", "broad", "versions", "records", "envelope", "judge", "caches", "set");
    public static readonly RedisScript Sweep = Compose("sweep");
    public static readonly RedisScript Reap = Compose("envelope", "reap");
    public static readonly RedisScript Swept = Compose("server", "generation", "broad", "swept");

    public static readonly RedisScript Mend = Compose("server", "generation", "broad", "mend");

    public static readonly RedisScript[] All = [Append, AppendPlain, Hear, Create, Tail, Members, GetOrLease, Renew, Load, Release, Set, Sweep, Reap, Swept, Mend];

    private static RedisScript Compose(params string[] parts) => new(Source(parts));

    /// <summary>Composes a script that appends, or returns a position.</summary>
    private static RedisScript Fenced(params string[] parts) => new(Source(parts)) { IsFenced = true };

    private static string Source(string[] parts) => string.Join('\n', parts.Prepend("prelude").Select(ReadResource));

    private static string ReadResource(string part)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"{part}.lua")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
