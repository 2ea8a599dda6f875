using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Unstale.Redis.Resp;
using Unstale.Redis.Scripts;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Scripts;

/// <summary>Runs the scripts one by one, as they are or with a patch, and speaks of their replies as text.</summary>
internal sealed class ScriptRig(RespConnection connection, ScriptMutant? mutant = null)
{
    public const string Gen = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    public const string OtherGen = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    public const string None = "0000000000000000";
    public const string Cache = "default";
    public const string Minute = "60000";

    private static readonly RedisKeys Keys = new("unstale", "shop", 0);

    private static string[] Published => ["PUBLISH", Keys.Channel];

    public string Base => Keys.Base;

    public string Ctl => Keys.Control;

    /// <summary>'?' for a server that hides its run id, else nothing.</summary>
    public string Run { get; set; } = "";

    public string Maxlen { get; set; } = "1000";

    public string PushLimit { get; set; } = "8192";

    public async Task BeginAsync()
    {
        await CommandAsync("FLUSHALL");
        Assert.Equal(Gen, (await CreateAsync(Gen, "")).Text());
        Assert.Equal("other", State(await TailAsync("")));
    }

    public Task<RespReply> CreateAsync(string generation, string instead) => RunAsync(RedisScripts.Create, generation, instead);

    /// <summary>Each target is "kind name"; all are one record.</summary>
    public Task<RespReply> AppendAsync(string id, params string[] targets) => AppendAsync([new(id, targets)]);

    public Task<RespReply> AppendAsync(params ScriptRecord[] records) =>
        RunAsync(RedisScripts.Append, [.. Published, OtherGen, Maxlen, PushLimit, Number(records.Length), .. records.SelectMany(r => r.Arguments)]);

    /// <summary>Brings records that were heard elsewhere, each with its claim.</summary>
    public async Task<long> HearAsync(params (string Claim, ScriptRecord Record)[] records) =>
        (await RunAsync(
            RedisScripts.Hear,
            [.. Published, OtherGen, Maxlen, PushLimit, Minute, Number(records.Length), .. records.SelectMany(r => r.Record.Arguments.Prepend(r.Claim))])).Integer;

    public Task<RespReply> TailAsync(
        string generation = Gen, long cursor = 0, string id = None, long own = 0, string ownId = None, string node = "n1", int link = 5, int page = 1000, int behind = 20_000, bool confirms = true, long serves = 5000) =>
        RunAsync(RedisScripts.Tail, generation, Number(cursor), id, Number(own), ownId, node, Number(link), Number(serves), Number(page), Number(behind), confirms ? "1" : "0");

    public Task<RespReply> MembersAsync() => RunAsync(RedisScripts.Members, Published);

    public Task<RespReply> GetAsync(string key, string generation = Gen, string cache = Cache) => RunAsync(RedisScripts.Get, [Keys.Tags0, Keys.Tags1, ValueKey(key, cache)], generation);

    public Task<RespReply> LeaseAsync(string key, string token, string generation = Gen, string cache = Cache) =>
        RunAsync(RedisScripts.Lease, [LeaseKey(key, cache)], generation, cache, token, "10000");

    public Task<RespReply> ReleaseAsync(string key, string token, bool withValue = false) =>
        RunAsync(RedisScripts.Release, [ValueKey(key), LeaseKey(key)], token, withValue ? "1" : "0");

    public Task<RespReply> RenewAsync(string key, string token, string life = "10000") => RunAsync(RedisScripts.Renew, [LeaseKey(key)], token, life);

    /// <summary>Takes the lease and fills.</summary>
    public async Task<long> FillAsync(string key, long stamp, params string[] tags)
    {
        await LeaseAsync(key, "t");
        return await FillUnderAsync("t", key, stamp, tags);
    }

    public async Task<long> FillUnderAsync(string token, string key, long stamp, string[] tags, string generation = Gen, string cache = Cache) =>
        (await RunAsync(RedisScripts.Fill, [Keys.Tags0, Keys.Tags1, ValueKey(key, cache), LeaseKey(key, cache)], generation, token, Number(stamp), Minute, Value(generation, stamp, tags))).Integer;

    public Task SetControlAsync(params string[] fieldsAndValues) => CommandAsync("HSET", [Ctl, .. fieldsAndValues]);

    /// <summary>Moves a field that holds a moment of the server's time.</summary>
    public async Task AgeAsync(string field, long milliseconds) =>
        await CommandAsync("HINCRBY", Ctl, field, Number(-milliseconds));

    public Task<RespReply> SetAsync(string key, long stamp, string id, string[] tags, string generation = Gen, string node = "n1", int link = 5) =>
        RunAsync(
            RedisScripts.Set,
            [Keys.Tags0, Keys.Tags1],
            [.. Published, OtherGen, Maxlen, PushLimit, generation, Cache, key, node, Number(link), Number(stamp), Minute, Value(generation, stamp, tags)[52..], .. new ScriptRecord(id, ["key " + key]).Arguments]);

    /// <summary>Sets a value that says its version, by a record that tells of it.</summary>
    public Task<RespReply> WriteAsync(string key, long version, long id, long stamp = 0, string[]? tags = null, int link = 5, string generation = Gen) =>
        RunAsync(
            RedisScripts.Set,
            [Keys.Tags0, Keys.Tags1],
            [
                .. Published, OtherGen, Maxlen, PushLimit, generation, Cache, key, "n1", Number(link), Number(stamp), Minute,
                Versioned(Value(generation, stamp, tags ?? []), version)[52..], .. new ScriptRecord(id.ToString("x16", CultureInfo.InvariantCulture), ["key " + key]) { Version = version }.Arguments,
            ]);

    private static string Versioned(string value, long version)
    {
        var bytes = Encoding.Latin1.GetBytes(value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(66), version);
        return Encoding.Latin1.GetString(bytes);
    }

    public Task<RespReply> SweepAsync(string token) => RunAsync(RedisScripts.Sweep, Gen, token, "10000");

    public async Task<long> ReapAsync(string[] allofs, params string[] keysAndSequences) =>
        (await RunAsync(RedisScripts.Reap, [Gen, "sweeper", "10000", .. allofs, .. keysAndSequences])).Integer;

    public async Task<long> SweptAsync(string token, long sequence) => (await RunAsync(RedisScripts.Swept, Gen, token, Number(sequence))).Integer;

    public async Task<RespReply> CommandAsync(string name, params string[] arguments) => await connection.RunAsync(name, arguments);

    public async Task<string?> ControlAsync(string field)
    {
        var value = await CommandAsync("HGET", Ctl, field);
        return value.IsNull ? null : value.Text();
    }

    public string ValueKey(string key, string cache = Cache) => Keys.ValuesOf(cache) + key;

    public string LeaseKey(string key, string cache = Cache) => Keys.LeasesOf(cache) + key;

    public static string State(RespReply reply) => reply.Items[0].Text();

    /// <summary>A value as the store writes it; its payload is "v", its checksum is not looked at by scripts.</summary>
    public static string Value(string generation, long stamp, params string[] tags)
    {
        var block = tags.SelectMany(t => new[] { (byte)(t.Length >> 8), (byte)t.Length }.Concat(Encoding.ASCII.GetBytes(t))).ToArray();
        var value = new byte[92 + block.Length + 1];
        Encoding.ASCII.GetBytes($"UNS1{generation}{stamp:D16}crc!").CopyTo(value, 0);
        BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(86), (ushort)tags.Length);
        BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(88), (uint)block.Length);
        block.CopyTo(value, 92);
        value[^1] = (byte)'v';
        return Encoding.Latin1.GetString(value);
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private Task<RespReply> RunAsync(RespScript script, params string[] arguments) => RunAsync(script, [], arguments);

    private async Task<RespReply> RunAsync(RespScript script, string[] keys, params string[] arguments)
    {
        var source = mutant is null ? script : new RespScript(mutant.Apply(script.Source));
        using var command = source.Command(keys.Length + 1).Key(Ctl);
        foreach (var key in keys)
        {
            command.Key(key);
        }

        command.Arg(Run);
        foreach (var argument in arguments)
        {
            command.Arg(Encoding.Latin1.GetBytes(argument));
        }

        return await source.CallAsync(connection, command, TestContext.Current.CancellationToken);
    }
}
