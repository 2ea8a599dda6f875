using Microsoft.Extensions.DependencyInjection;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Rules;

/// <summary>Explanation of a key that another process has invalidated through a server.</summary>
public sealed class ExplainTests : IAsyncLifetime
{
    private RedisServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RedisServer.StartAsync();

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task The_explanation_contains_rule_and_chain_of_another_process_and_the_value_on_the_server()
    {
        await using var one = Build();
        await using var two = Build();
        var (writer, reader) = (one.GetRequiredService<UnstaleCache>(), two.GetRequiredService<UnstaleCache>());
        await HoldsAsync(writer, "other");
        await HoldsAsync(reader, "k", "pricing:7");
        await Eventually.TrueAsync("the value is on the server", async () => (await writer.ExplainAsync("k", cancellationToken: Stop)).Remote.State == RemoteState.Held);
        var before = await writer.ExplainAsync("k", cancellationToken: Stop);
        Assert.Equal((EntryState.Absent, "pricing:7", "pricing:7"), (before.State, Assert.Single(before.Remote.Tags!), Assert.Single(before.Tags)));
        Assert.NotNull(before.Remote.Age);

        var receipt = await writer.Invalidator.ChangedAsync("product", "7", cancellationToken: Stop);
        await Eventually.TrueAsync("the other process has heard of it", () => Task.FromResult(!reader.TryGet("k", out int _)));
        var after = await reader.ExplainAsync("k", cancellationToken: Stop);
        Assert.Equal((EntryState.Absent, RemovalCause.Invalidated, RemoteState.Absent), (after.State, after.Removed!.Cause, after.Remote.State));
        var record = after.TakenBy!;
        Assert.Equal((receipt.Position, "Update product 7"), (record.Position, record.Reason));
        Assert.Equal(("pricing:7", "prices", "product -> pricing"), (record.Target.Text, record.Target.Rule, record.Target.Chain));
        Assert.Equal(receipt.Position, (await reader.ExplainAsync("k", records: 1, Stop)).Recent[0].Position);
    }

    [Fact]
    public async Task The_explanation_without_a_server_is_NotReachable_for_the_second_level_and_otherwise_complete()
    {
        await using var services = Build();
        var cache = services.GetRequiredService<UnstaleCache>();
        await HoldsAsync(cache, "k");
        await _server.StopAsync();
        var found = await cache.ExplainAsync("k", cancellationToken: Stop);
        Assert.Equal((EntryState.Live, RemoteState.NotReachable), (found.State, found.Remote.State));
    }

    private ServiceProvider Build()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddUnstale().UseRedis(_server.EndPoint.ToString())
            .AddRules(static rules => rules.When("product").Named("prices").Relates("product", "pricing"));
        return services.BuildServiceProvider();
    }

    /// <summary>Reads until the cache holds the value, which requires a trusted log.</summary>
    private static Task HoldsAsync(UnstaleCache cache, string key, params string[] tags) => Eventually.TrueAsync("it keeps what it loaded", async () =>
    {
        await cache.GetOrCreateAsync(key, static _ => new ValueTask<int>(1), tags: tags, cancellationToken: Stop);
        return cache.TryGet(key, out int _);
    });
}
