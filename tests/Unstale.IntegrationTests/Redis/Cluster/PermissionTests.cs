using System.Text.RegularExpressions;
using Unstale.IntegrationTests.Support;
using Unstale.Redis.Connection;
using Unstale.Redis.Scripts;
using Xunit;
using Repository = Unstale.Tests.Support.Repository;

namespace Unstale.IntegrationTests.Redis.Cluster;

/// <summary>Redis users with the permissions of the document, with one command fewer, or with none at all.</summary>
public sealed partial class PermissionTests : IAsyncLifetime
{
    private RedisCluster _cluster = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await RedisCluster.StartAsync(0);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task The_documented_user_has_every_permission_that_a_cache_needs()
    {
        await AllowAsync();
        var (one, two) = (Add(), Add());
        await _cluster.AgreedAsync();
        await _cluster.HoldsAsync(one, "a:1", "t");
        Assert.Equal(CacheOutcome.Remote, (await two.ReadAsync("a:1", _cluster.Truth, "t")).Outcome);

        await EverythingAsync(one, two);
        Assert.Empty(await DeniedAsync());
        Assert.DoesNotContain(_cluster.Nodes, static n => n.Says("NOPERM") || n.Says("can't run this command"));
    }

    [Theory]
    [InlineData("evalsha")]
    [InlineData("xadd")]
    [InlineData("publish")]
    [InlineData("subscribe")]
    public async Task A_node_without_a_required_command_logs_the_command_and_reads_from_the_source(string command)
    {
        await AllowAsync();
        await _cluster.Server.RunAsync("ACL", "SETUSER", "unstale", "-" + command);
        var node = Add();
        var receipt = await node.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        Assert.Equal(ReceiptState.Queued, receipt.State);
        Assert.Equal(CacheOutcome.Load, (await node.ReadAsync("k", _cluster.Truth)).Outcome);
        await Eventually.TrueAsync("the command is named", () => Task.FromResult(node.Received.Lines.Any(l => l.Text.Contains(command, StringComparison.OrdinalIgnoreCase))));
        Assert.Contains(command, await DeniedAsync(), StringComparer.Ordinal);

        await _cluster.Server.RunAsync("ACL", "SETUSER", "unstale", "+" + command);
        await Eventually.TrueAsync("what was queued is in the log", () => Task.FromResult(receipt.State == ReceiptState.Applied));
        await _cluster.HoldsAsync(node, "k");
    }

    [Fact]
    public async Task All_commands_of_the_scripts_are_listed_in_the_error_and_granted_by_the_document()
    {
        RedisScript[] scripts =
        [
            RedisScripts.Append, RedisScripts.AppendPlain, RedisScripts.AppendExternal, RedisScripts.Tail, RedisScripts.Create, RedisScripts.Members, RedisScripts.GetOrLease,
            RedisScripts.Renew, RedisScripts.StoreLoaded, RedisScripts.Release, RedisScripts.Set, RedisScripts.BeginSweep, RedisScripts.RemoveValues, RedisScripts.EndSweep,
        ];
        var called = scripts.SelectMany(static s => Calls().Matches(s.Source)).Select(static m => m.Groups["command"].Value).Append("PUBLISH").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        Assert.All(scripts, static s => Assert.Equal(s.Source.Contains("redis.call(ARGV", StringComparison.Ordinal), s.Source.Contains("redis.call(ARGV[2], ARGV[3], ", StringComparison.Ordinal)));
        Assert.Equal(Unstale.Redis.Errors.ScriptCommands, string.Join(", ", called));
        var granted = await DocumentAsync();
        Assert.All(called, c => Assert.Contains("+" + c, granted, StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Without_permission_for_SCAN_patterns_take_effect_and_the_missing_command_is_logged()
    {
        await AllowAsync();
        await _cluster.Server.RunAsync("ACL", "SETUSER", "unstale", "-scan");
        var (one, two) = (Add(), Add());
        await _cluster.TrustedAsync();
        await _cluster.HoldsEverywhereAsync("a:1");
        _cluster.Truth.Commit("a:1", 0);
        await one.Invalidator.InvalidatePatternAsync(new GlobPattern("a:*"), cancellationToken: Stop);
        await Eventually.TrueAsync("the other lets go", () => Task.FromResult(!two.Holds("a:1")));
        Assert.Equal(1, (await two.ReadAsync("a:1", _cluster.Truth)).Value);
        await Eventually.TrueAsync("the command is named", () => Task.FromResult(_cluster.Nodes.Any(static n => n.Received.Lines.Any(static l => l.Text.Contains("SCAN", StringComparison.Ordinal)))));

        await _cluster.Server.RunAsync("ACL", "SETUSER", "unstale", "+scan");
        await WaitForReclaimAsync();
    }

    [Fact]
    public async Task Everything_works_without_permission_for_CONFIG_GET()
    {
        await AllowAsync();
        await _cluster.Server.RunAsync("ACL", "SETUSER", "unstale", "-config|get");
        var (one, two) = (Add(), Add());
        await _cluster.AgreedAsync();
        await EverythingAsync(one, two);
        Assert.All(_cluster.Nodes, static n => Assert.Contains(n.Received.Lines, static l => l.Text.Contains("unknown", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Everything_works_without_permission_for_INFO()
    {
        await AllowAsync();
        await _cluster.Server.RunAsync("ACL", "SETUSER", "unstale", "-info");
        var (one, two) = (Add(), Add());
        await _cluster.AgreedAsync();
        await EverythingAsync(one, two);
        Assert.Equal("?", (await _cluster.Server.RunAsync("HGET", ServerFaults.Base + "ctl", "run")).Text());
    }

    [Fact]
    public async Task A_node_with_a_wrong_password_reads_from_the_source_and_logs_the_reason_once()
    {
        await AllowAsync();
        var node = Add("hunter2");
        await Eventually.TrueAsync("the reason is said", () => Task.FromResult(node.Says("assword")));
        for (var i = 0; i < 3; i++)
            Assert.Equal(CacheOutcome.Load, (await node.ReadAsync("k", _cluster.Truth)).Outcome);
        Assert.Equal(ReceiptState.Queued, (await node.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop)).State);
        Assert.False(node.IsTrusted);
        Assert.Equal(1, node.Times("is tried again; each reason is logged once"));
        Assert.False(node.Says("hunter2"), "A password is never said.");
    }

    /// <summary>Uses every feature: a set value, tags, patterns with their sweep, waiting for other nodes.</summary>
    private async Task EverythingAsync(RedisNode one, RedisNode two)
    {
        await one.Cache.SetAsync("b:1", 5L, tags: ["t"], cancellationToken: Stop);
        await Eventually.TrueAsync("the other gives what was set", async () => (await two.ReadAsync("b:1", _cluster.Truth, "t")).Value == 5);
        var receipt = await two.Invalidator.InvalidateAsync(
            keys: ["k"], tags: ["t"], patterns: [new GlobPattern("b:*"), new RegexPattern("^c")], cancellationToken: Stop);
        await receipt.WaitForAllNodesAsync(Stop);
        Assert.False(one.Holds("b:1"));
        await WaitForReclaimAsync();
        await one.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop);
        await _cluster.AgreedAsync();
    }

    private Task WaitForReclaimAsync() => Eventually.TrueAsync("no pattern is listed any more", async () =>
        (await _cluster.Server.RunAsync("HGET", ServerFaults.Base + "ctl", "broad")).Text().Length == 0);

    /// <summary>Adds a node with a bound that a busy machine does not exceed so soon. Loss of trust is tested elsewhere.</summary>
    private RedisNode Add(string password = "password") =>
        _cluster.Add(o => o.Configuration += $",user=unstale,password={password}", log: static o => o.StalenessBound = TimeSpan.FromSeconds(5));

    /// <summary>Creates the user of docs/redis.md.</summary>
    private async Task AllowAsync()
    {
        var words = await DocumentAsync();
        await _cluster.Server.RunAsync(words[0], words[1..]);
    }

    internal static async Task<string[]> DocumentAsync()
    {
        var line = Assert.Single(await File.ReadAllLinesAsync(Path.Combine(Repository.Root, "docs", "redis.md"), Stop), static l => l.StartsWith("ACL SETUSER unstale ", StringComparison.Ordinal));
        return line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    [GeneratedRegex(@"(?:redis\.p?call|chunked)\('(?<command>[A-Z]+)'", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Calls();

    /// <summary>Returns the refused objects from the server's ACL log.</summary>
    private async Task<IReadOnlyList<string>> DeniedAsync() =>
        [.. (await _cluster.Server.RunAsync("ACL", "LOG")).Items.Select(static e => ValueOf(e, "object"))];

    private static string ValueOf(RedisReply map, string name)
    {
        for (var i = 0; i + 1 < map.Items.Length; i += 2)
        {
            if (map.Items[i].Text() == name)
                return map.Items[i + 1].Text();
        }

        return "";
    }
}
