using Microsoft.Extensions.DependencyInjection;
using Unstale.IntegrationTests.Support;
using Unstale.Queries;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Queries;

/// <summary>Cached queries on two nodes: neither serves a result outdated by an event or a command on one of them.</summary>
public sealed class QueryEventsTests : IAsyncLifetime
{
    private readonly List<string> _users = [];
    private RedisServer _server = null!;
    private int _reads;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RedisServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("event")]
    [InlineData("event that nobody waits for")]
    [InlineData("command")]
    public async Task A_change_on_one_node_invalidates_a_query_cached_on_both(string means)
    {
        await using var one = Build();
        await using var two = Build();
        await KnowsLogAsync(one);
        await KnowsLogAsync(two);
        var query = new ListUsers("active");
        Assert.Equal([CacheOutcome.Load, CacheOutcome.Memory], [await OutcomeAsync(one, query), await OutcomeAsync(one, query)]);
        Assert.Equal([CacheOutcome.Remote, CacheOutcome.Memory], [await OutcomeAsync(two, query), await OutcomeAsync(two, query)]);
        Assert.Equal(CacheOutcome.Load, await OutcomeAsync(two, new ListUsers("other")));

        await CreateAsync(one, "a", means);

        Assert.Equal(["a"], await ReadAsync(one, query));
        await Eventually.TrueAsync("the other node has the new list", async () => (await ReadAsync(two, query)).SequenceEqual(["a"]));
        Assert.Equal(3, _reads);
    }

    [Fact]
    public async Task A_pattern_with_an_id_invalidates_the_query_on_both_nodes_and_on_the_server()
    {
        await using var one = Build();
        await using var two = Build();
        await KnowsLogAsync(one);
        await KnowsLogAsync(two);
        foreach (var node in new[] { one, two })
        {
            await OutcomeAsync(node, new GetUser(7));
            await OutcomeAsync(node, new GetUser(77));
        }

        await Events(one).PublishAsync(new UserRenamed(7), Stop);

        Assert.Equal([CacheOutcome.Load, CacheOutcome.Memory], [await OutcomeAsync(one, new GetUser(7)), await OutcomeAsync(one, new GetUser(77))]);
        await Eventually.TrueAsync("the other node takes the value that was read anew", async () => await OutcomeAsync(two, new GetUser(7)) == CacheOutcome.Remote);
        Assert.Equal(CacheOutcome.Memory, await OutcomeAsync(two, new GetUser(77)));
        Assert.Equal(3, _reads);
    }

    private static IDomainEvents Events(IServiceProvider node) => node.GetRequiredService<IDomainEvents>();

    private static Task KnowsLogAsync(IServiceProvider node) => Eventually.TrueAsync("the node is trusted", async () =>
    {
        var cache = node.GetRequiredService<UnstaleCache>();
        await cache.GetOrCreateAsync("known", static _ => new ValueTask<int>(1), cancellationToken: Stop);
        return cache.TryGet("known", out int _);
    });

    private static void Announce(IDomainEvents events, object domainEvent) => events.Publish(domainEvent);

    private async Task CreateAsync(IServiceProvider node, string user, string means)
    {
        if (means == "command")
        {
            await node.GetRequiredService<CommandInvalidation>().ExecuteAsync(new CreateUser(user), (c, _) =>
            {
                _users.Add(c.Name);
                return ValueTask.CompletedTask;
            }, Stop);
            return;
        }

        _users.Add(user);
        if (means == "event")
            await Events(node).PublishAsync(new UserCreated(user), Stop);
        else
            Announce(Events(node), new UserCreated(user));
        await Events(node).DrainAsync(Stop);
    }

    private async ValueTask<List<string>> ReadAsync(IServiceProvider node, object query) => (await ExecuteAsync(node, query)).Value;

    private async ValueTask<CacheOutcome> OutcomeAsync(IServiceProvider node, object query) => (await ExecuteAsync(node, query)).Outcome;

    private ValueTask<CacheResult<List<string>>> ExecuteAsync(IServiceProvider node, object query) =>
        node.GetRequiredService<QueryCache>().ExecuteWithInfoAsync(query, this, static (_, test, _, _) =>
        {
            test._reads++;
            return new ValueTask<List<string>>([.. test._users]);
        }, Stop);

    private ServiceProvider Build() => new ServiceCollection()
        .AddLogging()
        .AddUnstale(o => o.Log = "log").UseRedis(_server.EndPoint.ToString())
        .AddQueryCache()
        .AddDomainEvents()
        .InvalidateOn<UserCreated>(static (_, i) => i.Query(new ListUsers("active")))
        .InvalidateOn<UserRenamed>(static (e, i) => i.Entity<GetUser>(e.Id))
        .AddCommandInvalidation(static m => m.On<CreateUser>(static (_, i) => i.Queries<ListUsers>()))
        .Services.BuildServiceProvider();

    [HashedQuery]
    private sealed record ListUsers(string Kind);

    private sealed record GetUser(int Id) : ICacheableQuery
    {
        public string? CacheKey => $"user:{Id}";
    }

    private sealed record UserCreated(string Name);

    private sealed record UserRenamed(int Id);

    private sealed record CreateUser(string Name);
}
