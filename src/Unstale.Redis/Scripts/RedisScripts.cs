using System.Reflection;
using Unstale.Redis.Connection;

namespace Unstale.Redis.Scripts;

/// <summary>
/// Scripts that run on the server, each in one atomic step. A script consists of the parts it uses. The Lua files document keys, arguments and
/// replies.
/// </summary>
internal static class RedisScripts
{
    public static readonly RedisScript Append = Fenced("server", "generation", "selectors", "versions", "records", "append");
    public static readonly RedisScript AppendPlain = Fenced("append_plain");
    public static readonly RedisScript AppendExternal = Fenced("server", "generation", "selectors", "versions", "records", "append_external");
    public static readonly RedisScript Create = Fenced("server", "generation", "create");
    public static readonly RedisScript Tail = Fenced("server", "generation", "caches", "nodes", "tail");
    public static readonly RedisScript Members = Compose("server", "nodes", "members");
    public static readonly RedisScript GetOrLease = Compose("selectors", "envelope", "validate", "confirm", "caches", "get_or_lease");
    public static readonly RedisScript Renew = Compose("renew");
    public static readonly RedisScript StoreLoaded = Compose("envelope", "validate", "store_loaded");
    public static readonly RedisScript Release = Compose("release");
    public static readonly RedisScript Set = Fenced("server", "generation", "selectors", "versions", "records", "envelope", "validate", "caches", "set");
    public static readonly RedisScript BeginSweep = Compose("begin_sweep");
    public static readonly RedisScript RemoveValues = Compose("envelope", "remove_values");
    public static readonly RedisScript EndSweep = Compose("server", "generation", "selectors", "end_sweep");
    public static readonly RedisScript Repair = Compose("server", "generation", "selectors", "repair");

    public static readonly RedisScript[] All =
        [Append, AppendPlain, AppendExternal, Create, Tail, Members, GetOrLease, Renew, StoreLoaded, Release, Set, BeginSweep, RemoveValues, EndSweep, Repair];

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
