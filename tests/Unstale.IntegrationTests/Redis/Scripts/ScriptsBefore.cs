using System.Globalization;
using System.Text;
using Unstale.Redis.Connection;
using Unstale.Tests.Support;

namespace Unstale.IntegrationTests.Redis.Scripts;

/// <summary>Scripts of the previous release as its nodes call them: the scripts derive their keys and receive the run id as an argument.</summary>
internal sealed class ScriptsBefore(RawConnection connection, string control)
{
    private static readonly Dictionary<string, string[]> Parts = new(StringComparer.Ordinal)
    {
        ["append"] = ["server", "generation", "broad", "versions", "records"],
        ["hear"] = ["server", "generation", "broad", "versions", "records"],
        ["create"] = ["server", "generation"],
        ["tail"] = ["server", "generation", "caches", "nodes"],
        ["get"] = ["broad", "envelope", "judge"],
        ["lease"] = ["caches"],
        ["fill"] = ["envelope", "judge"],
        ["set"] = ["server", "generation", "broad", "versions", "records", "envelope", "judge", "caches"],
    };

    public Task<RedisReply> AppendAsync(params ScriptRecord[] records) =>
        RunAsync("append", [ScriptRig.OtherGen, "1000", "8192", Number(records.Length), .. records.SelectMany(static r => r.Arguments)]);

    public async Task<long> HearAsync(string claim, ScriptRecord record) =>
        (await RunAsync("hear", [ScriptRig.OtherGen, "1000", "8192", ScriptRig.Minute, "1", claim, .. record.Arguments])).Integer;

    public Task<RedisReply> CreateAsync(string generation, string instead) => RunAsync("create", generation, instead);

    public Task<RedisReply> TailAsync(long cursor, string id, string generation = ScriptRig.Gen) =>
        RunAsync("tail", generation, Number(cursor), id, "0", ScriptRig.None, "before", "5", "5000", "1000", "20000", "1");

    public Task<RedisReply> GetAsync(string key, string cache = ScriptRig.Cache) => RunAsync("get", ScriptRig.Gen, cache, key);

    /// <summary>Acquires the lease and fills.</summary>
    public async Task<long> LoadAsync(string key, long stamp, string[] tags, string cache = ScriptRig.Cache)
    {
        await RunAsync("lease", ScriptRig.Gen, cache, key, "t", "10000");
        return (await RunAsync("fill", ScriptRig.Gen, cache, key, "t", Number(stamp), ScriptRig.Minute, ScriptRig.Value(ScriptRig.Gen, stamp, tags))).Integer;
    }

    public Task<RedisReply> SetAsync(string key, long stamp, ScriptRecord record) =>
        RunAsync("set", [ScriptRig.OtherGen, "1000", "8192", ScriptRig.Gen, ScriptRig.Cache, key, "before", "5", Number(stamp), ScriptRig.Minute, ScriptRig.Value(ScriptRig.Gen, stamp)[52..], .. record.Arguments]);

    private async Task<RedisReply> RunAsync(string name, params string[] arguments)
    {
        using var call = new RedisScript(string.Join('\n', Parts[name].Prepend("prelude").Append(name).Select(Read))).Command().Key(control).Arg(connection.RunId!);
        foreach (var argument in arguments)
            call.Arg(Encoding.Latin1.GetBytes(argument));
        return await connection.CallWithSourceAsync(call);
    }

    private static string Read(string part) => File.ReadAllText(Path.Combine(Repository.Root, "tests/Unstale.IntegrationTests/Redis/Scripts/Before", part + ".lua"));

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
