using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Unstale.Redis.Connection;
using Unstale.Redis.Scripts;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Scripts;

/// <summary>Runs single scripts, as shipped or with a planted mistake, and renders their replies as text.</summary>
internal sealed partial class ScriptRig(RawConnection connection, ScriptMutant? mutant = null)
{
    public const string Gen = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    public const string OtherGen = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    public const string None = "0000000000000000";
    public const string Cache = "default";
    public const string Minute = "60000";

    private static readonly RedisKeys Keys = new("unstale", "shop", 0);

    private string[] Published => [Publish, Keys.Channel];

    public string Base => Keys.Base;

    public static string Control => Keys.Control;

    public static string Channel => Keys.Channel;

    public string Ctl => Keys.Control;

    /// <summary>'?' for a server that hides its run id, otherwise empty.</summary>
    public string Run { get; set; } = "";

    /// <summary>Command with which scripts publish.</summary>
    public string Publish { get; set; } = "PUBLISH";

    /// <summary>Maximum number of keys of a call. Further keys are omitted.</summary>
    public int MostKeys { get; set; } = int.MaxValue;

    public string Maxlen { get; set; } = "1000";

    public string PushLimit { get; set; } = "8192";

    public async Task BeginAsync()
    {
        await CommandAsync("FLUSHALL");
        Assert.Equal(Gen, (await CreateAsync(Gen, "")).Text());
        Assert.Equal("other", State(await TailAsync("")));
    }

    private static string[] History => [Keys.Tags0, Keys.Tags1, Keys.Log, Keys.Versions0, Keys.Versions1, Keys.Sweep];

    public Task<RedisReply> CreateAsync(string generation, string instead) => RunAsync(RedisScripts.Create, History, generation, instead);

    /// <summary>Appends one record. Each target is "kind name".</summary>
    public Task<RedisReply> AppendAsync(string id, params string[] targets) => AppendAsync([new(id, targets)]);

    /// <summary>
    /// Appends as a node does, for the listed caches: with append_plain if all records are plain and the script accepts the records, otherwise with
    /// append.
    /// </summary>
    public async Task<RedisReply> AppendAsync(params ScriptRecord[] records)
    {
        var caches = await CachesAsync();
        var reply = records.All(static r => r.IsPlain) ? await AppendPlainAsync(caches, records) : RedisReply.Null;
        return reply.IsNull ? await AppendAsync(caches, records) : reply;
    }

    public Task<RedisReply> AppendAsync(string caches, params ScriptRecord[] records) =>
        RunAsync(RedisScripts.Append, [.. History, .. Entries(caches, records)], [.. Published, OtherGen, Maxlen, PushLimit, caches, Number(records.Length), .. records.SelectMany(r => r.Arguments)]);

    public Task<RedisReply> AppendPlainAsync(string caches, params ScriptRecord[] records) =>
        RunAsync(
            RedisScripts.AppendPlain,
            [Keys.Tags0, Keys.Tags1, Keys.Log, .. Entries(caches, records)],
            [.. Published, Maxlen, PushLimit, caches, Number(records.Length), .. records.SelectMany(r => r.Strings.Prepend(Number(r.Strings.Count())))]);

    /// <summary>Returns the caches that the log lists now.</summary>
    public async Task<string> CachesAsync() => await ControlAsync("caches") ?? "";

    /// <summary>Returns value and lease of each key named in the records, in each cache.</summary>
    private static IEnumerable<string> Entries(string caches, params IEnumerable<ScriptRecord> records) =>
        from record in records
        from key in record.Keys
        from cache in caches.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        from prefix in new[] { $"{Keys.Values}{cache}:", $"{Keys.Leases}{cache}:" }
        select prefix + key;

    /// <summary>Appends records of messages received on a channel, each with its claim. Empty claim: none.</summary>
    public async Task<long> AppendExternalAsync(params (string Claim, ScriptRecord Record)[] records) =>
        (await AppendExternalAsync(await CachesAsync(), records)).Integer;

    public Task<RedisReply> AppendExternalAsync(string caches, params (string Claim, ScriptRecord Record)[] records) =>
        RunAsync(
            RedisScripts.AppendExternal,
            [.. History, .. records.SelectMany(r => (r.Claim.Length == 0 ? [] : new[] { $"{Keys.Base}heard:{r.Claim}" }).Concat(Entries(caches, r.Record)))],
            [.. Published, OtherGen, Maxlen, PushLimit, caches, Minute, Number(records.Length), .. records.SelectMany(r => r.Record.Arguments.Prepend(r.Claim.Length == 0 ? "0" : "1"))]);

    public Task<RedisReply> TailAsync(
        string generation = Gen, long cursor = 0, string id = None, long own = 0, string ownId = None, string node = "n1", int link = 5, int page = 1000, int behind = 20_000, bool confirms = true, long serves = 5000) =>
        RunAsync(RedisScripts.Tail, History[..^1], generation, Number(cursor), id, Number(own), ownId, node, Number(link), Number(serves), Number(page), Number(behind), confirms ? "1" : "0");

    public Task<RedisReply> MembersAsync() => RunAsync(RedisScripts.Members, Published);

    public Task<RedisReply> GetAsync(string key, string generation = Gen, string cache = Cache) => GetOrLeaseAsync(key, "value", "", generation, cache);

    /// <summary>Requests the value, the lease, or both.</summary>
    public Task<RedisReply> GetOrLeaseAsync(string key, string kind, string token, string generation = Gen, string cache = Cache, string unwanted = "") =>
        RunAsync(RedisScripts.GetOrLease, [Keys.Tags0, Keys.Tags1, ValueKey(key, cache), LeaseKey(key, cache)], generation, cache, kind, token, "10000", unwanted);

    public Task<RedisReply> LeaseAsync(string key, string token, string generation = Gen, string cache = Cache) =>
        GetOrLeaseAsync(key, "lease", token, generation, cache);

    public Task<RedisReply> ReleaseAsync(string key, string token, bool withValue = false) =>
        RunAsync(RedisScripts.Release, [ValueKey(key), LeaseKey(key)], token, withValue ? "1" : "0");

    public Task<RedisReply> RenewAsync(string key, string token, string life = "10000") => RunAsync(RedisScripts.Renew, [LeaseKey(key)], token, life);

    /// <summary>Acquires the lease and stores a loaded value.</summary>
    public async Task<long> LoadAsync(string key, long stamp, params string[] tags)
    {
        await LeaseAsync(key, "t");
        return await LoadUnderAsync("t", key, stamp, tags);
    }

    public async Task<long> LoadUnderAsync(string token, string key, long stamp, string[] tags, string generation = Gen, string cache = Cache) =>
        (await RunAsync(RedisScripts.StoreLoaded, [Keys.Tags0, Keys.Tags1, ValueKey(key, cache), LeaseKey(key, cache)], generation, token, Number(stamp), Minute, Value(generation, stamp, tags))).Integer;

    public Task SetControlAsync(params string[] fieldsAndValues) => CommandAsync("HSET", [Ctl, .. fieldsAndValues]);

    /// <summary>Moves a server time in a field into the past.</summary>
    public async Task AgeAsync(string field, long milliseconds) =>
        await CommandAsync("HINCRBY", Ctl, field, Number(-milliseconds));

    public Task<RedisReply> SetAsync(string key, long stamp, string id, string[] tags, string generation = Gen, string node = "n1", int link = 5) =>
        SetAsync(null, new(id, ["key " + key]), key, Value(generation, stamp, tags), stamp, generation, node, link);

    /// <summary>Sets a value with a version, by a record that carries the version.</summary>
    public Task<RedisReply> WriteAsync(string key, long version, long id, long stamp = 0, string[]? tags = null, int link = 5, string generation = Gen) =>
        SetAsync(
            null,
            new(id.ToString("x16", CultureInfo.InvariantCulture), ["key " + key]) { Version = version },
            key,
            Versioned(Value(generation, stamp, tags ?? []), version),
            stamp,
            generation,
            "n1",
            link);

    /// <summary>Sets a value for the listed caches, unless <paramref name="caches"/> names others.</summary>
    public async Task<RedisReply> SetAsync(string? caches, ScriptRecord record, string key, string value, long stamp = 0, string generation = Gen, string node = "n1", int link = 5)
    {
        caches ??= await CachesAsync();
        return await RunAsync(
            RedisScripts.Set,
            [.. History, ValueKey(key), .. Entries(caches, record)],
            [.. Published, OtherGen, Maxlen, PushLimit, caches, generation, Cache, key, node, Number(link), Number(stamp), Minute, value[52..], .. record.Arguments]);
    }

    private static string Versioned(string value, long version)
    {
        var bytes = Encoding.Latin1.GetBytes(value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(66), version);
        return Encoding.Latin1.GetString(bytes);
    }

    public Task<RedisReply> BeginSweepAsync(string token) => RunAsync(RedisScripts.BeginSweep, [Keys.Sweep], Gen, token, "10000");

    public async Task<long> RemoveValuesAsync(string[] allofs, params string[] keysAndSequences) =>
        (await RunAsync(
            RedisScripts.RemoveValues,
            [Keys.Sweep, .. keysAndSequences.Where(static (_, i) => i % 2 == 0)],
            [Gen, "sweeper", "10000", .. allofs, .. keysAndSequences.Where(static (_, i) => i % 2 == 1)])).Integer;

    /// <summary>Ends a sweep.</summary>
    /// <param name="token">Token of the sweeper.</param>
    /// <param name="sequence">Newest sequence at the beginning of the sweep.</param>
    /// <param name="scanned">Run id of the server whose keys were scanned.</param>
    public async Task<long> EndSweepAsync(string token, long sequence, string scanned = "?") =>
        (await RunAsync(RedisScripts.EndSweep, [Keys.Tags0, Keys.Tags1, Keys.Sweep], Gen, token, Number(sequence), scanned)).Integer;

    public async Task<RedisReply> CommandAsync(string name, params string[] arguments) => await connection.RunAsync(name, arguments);

    public async Task<string?> ControlAsync(string field)
    {
        var value = await CommandAsync("HGET", Ctl, field);
        return value.IsNull ? null : value.Text();
    }

    /// <summary>Returns each key of the server with its contents, except server times.</summary>
    public async Task<IReadOnlyList<string>> EverythingAsync()
    {
        var all = new List<string>();
        foreach (var key in (await CommandAsync("KEYS", "*")).Items.Select(static k => k.Text()).Order(StringComparer.Ordinal))
        {
            var held = (await CommandAsync("TYPE", key)).Text() switch
            {
                "hash" => Pairs(await CommandAsync("HGETALL", key)),
                "stream" => Reported(await CommandAsync("XRANGE", key, "-", "+")),
                _ => Reported(await CommandAsync("GET", key)),
            };
            all.Add($"{key}: {held}");
        }

        return all;
    }

    private static string Pairs(RedisReply hash) => string.Join(
        ' ', hash.Items.Chunk(2).Select(static p => $"{p[0].Text()}={p[1].Text()}").Where(static p => !Moment().IsMatch(p)).Order(StringComparer.Ordinal));

    private static string Reported(RedisReply reply) => reply.IsAggregate ? $"[{string.Join(' ', reply.Items.Select(Reported))}]" : reply.Text();

    public string ValueKey(string key, string cache = Cache) => Keys.ValuesOf(cache) + key;

    public string LeaseKey(string key, string cache = Cache) => Keys.LeasesOf(cache) + key;

    public static string State(RedisReply reply) => reply.Items[0].Text();

    /// <summary>Returns a value as the store writes it. The payload is "v"; scripts do not read the checksum.</summary>
    public static string Value(string generation, long stamp, params string[] tags)
    {
        var block = tags.SelectMany(t => new[] { (byte)(t.Length >> 8), (byte)t.Length }.Concat(Encoding.ASCII.GetBytes(t))).ToArray();
        var value = new byte[92 + block.Length + 1];
        Encoding.ASCII.GetBytes($"UNS1{generation}{stamp:D16}crc!").CopyTo(value, 0);
        BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(86), (ushort)tags.Length);
        BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(88), (uint)block.Length);
        block.CopyTo(value, 92);
        value[57] = 2;
        value[^1] = (byte)'v';
        return Encoding.Latin1.GetString(value);
    }

    [GeneratedRegex("=[0-9]{13}$|^node:", RegexOptions.None, 1000)]
    private static partial Regex Moment();

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private Task<RedisReply> RunAsync(RedisScript script, params string[] arguments) => RunAsync(script, [], arguments);

    private async Task<RedisReply> RunAsync(RedisScript script, string[] keys, params string[] arguments)
    {
        var source = mutant is null ? script : new RedisScript(mutant.Apply(script.Source));
        keys = [.. keys.Take(MostKeys - 1)];
        using var command = source.Command(keys.Length + 1).Key(Ctl);
        foreach (var key in keys)
            command.Key(key);

        command.Arg(Run);
        foreach (var argument in arguments)
            command.Arg(Encoding.Latin1.GetBytes(argument));

        return await connection.CallWithSourceAsync(command);
    }
}
