using System.Globalization;
using Unstale.IntegrationTests.Redis.Wire;
using Unstale.IntegrationTests.Support;
using Unstale.Redis.Connection;
using Unstale.Redis.Scripts;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Scripts;

/// <summary>
/// Keys used by scripts: only keys named by the call, as required by clusters behind a proxy and by serverless servers. The server itself shows which
/// commands a script executed and which of their arguments are keys.
/// </summary>
public sealed class DeclaredKeysTests : IAsyncLifetime
{
    private RedisServer _server = null!;
    private RawConnection _connection = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _connection = await RawConnection.ConnectAsync(_server.EndPoint);
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Scripts_touch_no_other_keys_in_any_scenario()
    {
        using var monitor = await ServerMonitor.StartAsync(_server);
        var called = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, scenario) in ScriptScenarios.All)
        {
            var rig = new ScriptRig(_connection);
            await rig.BeginAsync();
            await scenario(rig);
            var (scripts, undeclared) = await InspectAsync(await monitor.CommandsAsync());
            Assert.True(undeclared.Count == 0, $"{name}: {string.Join('\n', undeclared)}");
            called.UnionWith(scripts);
        }

        Assert.Equal([RedisScripts.Repair.Sha], RedisScripts.All.Select(static s => s.Sha).Except(called, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Nodes_name_all_keys_of_all_scripts()
    {
        using var monitor = await ServerMonitor.StartAsync(_server);
        await using var node = await WireNode.StartAsync(_server);
        await using var other = await WireNode.StartAsync(_server);
        await node.KeepsAsync("price:4", "product:4");
        await other.KeepsAsync("price:4", "product:4");
        await node.Cache.SetAsync("price:5", "5", tags: ["product:5"], cancellationToken: Stop);
        await node.KeepsAsync("user:123");
        await _server.RunAsync("PUBLISH", "cache:invalidate", WirePage.Example("messages")[0]);
        await node.LosesAsync("user:123");
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await node.Cache.GetOrCreateAsync<string>("fails", static _ => throw new InvalidOperationException(), cancellationToken: Stop));
        await node.Cache.GetOrCreateAsync(
            "made", async _ => await node.Cache.GetOrCreateAsync("price:6", static _ => new ValueTask<string>("6"), cancellationToken: Stop), cancellationToken: Stop);
        var receipt = await other.Invalidator.InvalidateAsync(
            keys: ["price:4", "price:6"], tags: ["product:4"], patterns: [new GlobPattern("price:*"), new RegexPattern("^c")], cancellationToken: Stop);
        await receipt.WaitForAllNodesAsync(Stop);
        await node.LosesAsync("price:4");
        await Eventually.TrueAsync("no pattern is listed any more", async () => (await _server.RunAsync("HGET", ScriptRig.Control, "broad")).Text().Length == 0);
        for (var i = 0; i < 3; i++)
            await node.Invalidator.InvalidateKeyAsync("price:4", cancellationToken: Stop);
        await RenewsAsync(node);
        await _server.RunAsync("SET", ScriptRig.Control, "spoilt");
        await node.Invalidator.InvalidateTagAsync("product:4", cancellationToken: Stop);
        await node.KeepsAsync("price:4", "product:4");

        var (called, undeclared) = await InspectAsync(await monitor.CommandsAsync());
        Assert.True(undeclared.Count == 0, string.Join('\n', undeclared));
        Assert.Empty(RedisScripts.All.Where(s => !called.Contains(s.Sha)).Select(static s => s.Source[^200..]));
    }

    [Fact]
    public async Task A_key_that_a_script_uses_without_declaring_it_is_found()
    {
        using var monitor = await ServerMonitor.StartAsync(_server);
        foreach (var touches in new[] { "redis.call('GET', KEYS[1] .. 'x')", "redis.pcall('HGET', KEYS[1] .. 'x', 'f')", "redis.call('UNLINK', KEYS[1], KEYS[1] .. 'x')" })
        {
            await _server.RunAsync("EVAL", touches, "1", "k");
            var (_, undeclared) = await InspectAsync(await monitor.CommandsAsync());
            Assert.Contains("kx", Assert.Single(undeclared), StringComparison.Ordinal);
        }

        await _server.RunAsync("EVAL", "redis.call('SET', KEYS[1], ARGV[1]) redis.call('PUBLISH', ARGV[2], 'm')", "1", "k", "a\"b\\c\r\n\t\0", "channel");
        Assert.Empty((await InspectAsync(await monitor.CommandsAsync())).Undeclared);
    }

    /// <summary>Loads for longer than a lease lasts, so that the lease is renewed.</summary>
    private static async Task RenewsAsync(WireNode node) =>
        await node.Cache.GetOrCreateAsync(
            "slow",
            static async token =>
            {
                await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, token);
                return "slow";
            },
            cancellationToken: Stop);

    /// <summary>Returns the scripts that were called, and their commands with keys that the call did not name.</summary>
    private async Task<(IReadOnlySet<string> Scripts, List<string> Undeclared)> InspectAsync(List<(bool IsOfScript, string[] Words)> commands)
    {
        var (scripts, undeclared) = (new HashSet<string>(StringComparer.Ordinal), new List<string>());
        var declared = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (isOfScript, words) in commands)
        {
            if (!isOfScript)
            {
                declared.Clear();
                if (words[0].StartsWith("EVAL", StringComparison.OrdinalIgnoreCase))
                {
                    scripts.Add(words[0].Equals("EVAL", StringComparison.OrdinalIgnoreCase) ? new RedisScript(words[1]).Sha : words[1]);
                    declared.Add(ScriptRig.Channel); // a scenario stores pushes in a key of this name
                    declared.UnionWith(words.Skip(3).Take(int.Parse(words[2], CultureInfo.InvariantCulture)));
                }
            }
            else if (!declared.IsSupersetOf(await KeysAsync(words)))
            {
                undeclared.Add(string.Join(' ', words));
            }
        }

        return (scripts, undeclared);
    }

    private async Task<IEnumerable<string>> KeysAsync(string[] words)
    {
        if (words.Length == 1)
            return [];
        using var command = RedisCall.Create("COMMAND").Arg("GETKEYS");
        foreach (var word in words)
            command.Arg(System.Text.Encoding.Latin1.GetBytes(word));
        try
        {
            return (await _connection.CallAsync(command)).Items.Select(static i => System.Text.Encoding.Latin1.GetString(i.Bytes));
        }
        catch (CallRefusedException none) when (none.Message.Contains("no key arguments", StringComparison.Ordinal))
        {
            return [];
        }
    }
}
