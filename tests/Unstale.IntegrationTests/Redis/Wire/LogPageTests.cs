using System.Text.RegularExpressions;
using Unstale.IntegrationTests.Redis.Log;
using Unstale.IntegrationTests.Support;
using Unstale.Log;
using Unstale.Redis.Connection;
using Unstale.Redis.Scripts;
using Unstale.Redis.SecondLevel;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Wire;

/// <summary>Lists of the log in docs/wire-format.md: complete, with nothing superfluous.</summary>
public sealed partial class LogPageTests : WireTest
{
    private static readonly Dictionary<string, RedisScript> Scripts = new(StringComparer.Ordinal)
    {
        ["append"] = RedisScripts.Append,
        ["append_plain"] = RedisScripts.AppendPlain,
        ["append_external"] = RedisScripts.AppendExternal,
        ["create"] = RedisScripts.Create,
        ["tail"] = RedisScripts.Tail,
        ["members"] = RedisScripts.Members,
        ["get_or_lease"] = RedisScripts.GetOrLease,
        ["renew"] = RedisScripts.Renew,
        ["store_loaded"] = RedisScripts.StoreLoaded,
        ["release"] = RedisScripts.Release,
        ["set"] = RedisScripts.Set,
        ["begin_sweep"] = RedisScripts.BeginSweep,
        ["remove_values"] = RedisScripts.RemoveValues,
        ["end_sweep"] = RedisScripts.EndSweep,
        ["repair"] = RedisScripts.Repair,
    };

    [Fact]
    public void Each_script_equals_the_parts_listed_in_the_page()
    {
        Assert.Equal(Scripts.Keys.Order(StringComparer.Ordinal), WirePage.Rows("scripts").Select(static row => row[0]).Order(StringComparer.Ordinal));
        foreach (var (name, script) in Scripts)
            Assert.Equal(script.Source, WirePage.Script(name));
    }

    [Fact]
    public void Each_script_documents_the_keys_and_arguments_of_the_page_by_number()
    {
        foreach (var row in WirePage.Rows("scripts"))
            Assert.Contains($". KEYS: {Numbered(row[2])}. ARGV: {Numbered(row[3])}. Reply: ", Comment(WirePage.Lua(row[0])), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_control_hash_has_the_fields_of_the_page()
    {
        await Node.KeepsAsync("price:4", "product:4");
        var receipt = await Node.Invalidator.ChangedAsync("product", 4, cancellationToken: Stop);
        await receipt.WaitForAllNodesAsync(Stop);
        await Eventually.TrueAsync("a value carries the mark of a key", async () =>
        {
            await Node.Cache.GetOrCreateAsync(
                "made", async _ => await Node.Cache.GetOrCreateAsync("price:4", static _ => new ValueTask<string>("price"), cancellationToken: Stop), cancellationToken: Stop);
            return await Client.CallAsync("HGET", Base + "ctl", "deps") is not null;
        });
        await Node.Invalidator.InvalidateWithDependentsAsync("price:4", recursive: false, cancellationToken: Stop);
        await Node.KeepsAsync("feed:7");
        var pattern = await Node.Invalidator.InvalidatePatternAsync(new GlobPattern("feed:*"), cancellationToken: Stop);
        Assert.Equal(1, await pattern.WaitForRemoteReclaimAsync(Stop));
        await Client.CallAsync("HSET", Base + "ctl", "node:silent", "1 - 0 5000 1", "nodes_at", "1");
        await Eventually.TrueAsync("a node is dropped", async () => await Client.CallAsync("HGET", Base + "ctl", "dropped") is not null);
        var fields = (await Client.ArrayAsync("HKEYS", Base + "ctl")).Select(static field => NodeField().Replace((string)field!, "node:<node>"));
        Assert.Equal(
            WirePage.Rows("control").Select(static row => WirePage.Code(row[0])[0]).Order(StringComparer.Ordinal), fields.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_key_of_a_log_has_a_form_of_the_page()
    {
        await Node.KeepsAsync("price:4", "product:4");
        await Node.Invalidator.InvalidateTagAsync("product:5", cancellationToken: Stop);
        await Node.KeepsAsync("user:123");
        await Client.CallAsync("PUBLISH", "cache:invalidate", WirePage.Example("messages")[0]);
        await Node.LosesAsync("user:123");
        await LeaseAsync("k", await GenerationAsync());
        await Eventually.TrueAsync("the client sweeps and not the node", async () =>
        {
            await AppendAsync("0" + Hex(15), "glob", "x:*");
            return await RunAsync("begin_sweep", await GenerationAsync(), "token", "10000") is not null;
        });

        var forms = WirePage.Rows("keys").SelectMany(static row => WirePage.Code(row[0])).Where(static form => form != Base + "ch").ToList();
        var keys = (await Client.ArrayAsync("KEYS", "*")).Cast<string>().ToList();
        Assert.All(keys, key => Assert.Contains(forms, form => Regex.IsMatch(key, Pattern(form), RegexOptions.None, TimeSpan.FromSeconds(1))));
        Assert.All(forms, form => Assert.Contains(keys, key => Regex.IsMatch(key, Pattern(form), RegexOptions.None, TimeSpan.FromSeconds(1))));
    }

    [Fact]
    public void A_record_has_the_fields_of_the_page_in_its_order()
    {
        InvalidationTarget[] targets =
        [
            InvalidationTarget.ForKey("k"), InvalidationTarget.ForTag("t"), InvalidationTarget.ForPattern(new GlobPattern("g")),
            InvalidationTarget.ForPattern(new RegexPattern("r")), InvalidationTarget.ForAllOf(["a", "b"]),
            InvalidationTarget.ForRecordedRow("product any"), InvalidationTarget.Everything,
        ];
        var record = new InvalidationRecord(1, targets, new RecordOrigin("n", "s"), DateTimeOffset.UnixEpoch, "why", "trace")
        {
            Flags = RecordFlags.Lazy | RecordFlags.ServeStaleOnce,
            Via = "7|rule|chain",
            Version = new KeyVersion("shop", 7),
        };
        string[] strings = [.. WrittenRecord.Strings(record).Select(System.Text.Encoding.UTF8.GetString)];
        Assert.Equal(
            WirePage.Rows("record").SelectMany(static row => WirePage.Code(row[0])).Skip(1), strings.Chunk(2).Select(static pair => pair[0]));
        Assert.Contains("lazy once", strings);
    }

    [Fact]
    public async Task The_list_of_selector_records_is_written_as_the_page_shows()
    {
        await Client.CallAsync("SET", Base + "sweep", "so that the node does not sweep");
        for (var i = 1; i <= 7; i++)
            await AppendAsync($"000000000000000{i}", "key", "k");
        Assert.Equal("", await Client.TextAsync("HGET", Base + "ctl", "broad"));
        await AppendAsync("0000000000000008", "glob", "feed:*");
        await AppendAsync("0000000000000009", "allof", """["a","b"]""");
        Assert.Equal(WirePage.Example("broad")[0], await Client.TextAsync("HGET", Base + "ctl", "broad"));
    }

    [Fact]
    public void A_value_is_written_byte_for_byte_as_the_page_shows()
    {
        var payload = new PackedPayload(PayloadCodec.None, "\u0001{\"id\":4}"u8.ToArray(), 9);
        Assert.True(EnvelopeBody.TryMake(["product:4"], payload, TimeSpan.FromMinutes(1), 0, out var body));
        var value = new byte[EnvelopeLayout.Front + body.Length];
        EnvelopeBody.WriteFront(value, new Generation(UInt128.Parse("0123456789abcdef0123456789abcdef", System.Globalization.NumberStyles.HexNumber, null)), 7);
        (body with { Identity = BareValue.IdentityOf("json", "Shop.Product, Shop") }).Write(value.AsSpan(EnvelopeLayout.Front));
        Assert.Equal(Convert.FromHexString(string.Concat(WirePage.Example("envelope")).Replace(" ", "", StringComparison.Ordinal)), value);
    }

    private static string Numbered(string list) => string.Join(", ", list.Split(", ").Select(static (item, i) => $"{i + 1} {item}"));

    private static string Comment(string lua) =>
        string.Join(' ', lua.Split('\n').TakeWhile(static line => line.StartsWith("--", StringComparison.Ordinal)).Select(static line => line[2..].Trim()));

    private static string Pattern(string form) => "^" + Placeholder().Replace(Regex.Escape(form), "[^:]+").Replace("<key>", ".+", StringComparison.Ordinal) + "$";

    [GeneratedRegex("<(cache|claim)>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Placeholder();

    [GeneratedRegex("^node:[0-9a-f]{16}$", RegexOptions.None, 1000)]
    private static partial Regex NodeField();
}
