using Microsoft.Extensions.DependencyInjection;
using Unstale.Queries;
using Xunit;

namespace Unstale.Tests.Documentation;

/// <summary>Examples of docs/cqrs.md, executed.</summary>
public sealed class CqrsExample : IAsyncDisposable
{
    private readonly CacheUnderTest _test;
    private readonly QueryCache _queries;
    private readonly IDomainEvents _events;
    private readonly CommandInvalidation _commands;
    private readonly Dictionary<int, User> _users = [];
    private int _reads;

    public CqrsExample()
    {
        _test = new CacheUnderTest(services: AddQueries);
        _queries = _test.Services.GetRequiredService<QueryCache>();
        _events = _test.Services.GetRequiredService<IDomainEvents>();
        _commands = _test.Services.GetRequiredService<CommandInvalidation>();
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Theory]
    [InlineData("event")]
    [InlineData("event that nobody waits for")]
    [InlineData("command")]
    [InlineData("own bus")]
    public async Task An_empty_list_is_cached_until_a_user_is_created(string means)
    {
        Assert.Empty(await ListAsync());
        Assert.Empty(await ListAsync());
        Assert.Equal(1, _reads);

        await CreateAsync(new User(1, "a@example.org", IsActive: true), means);

        Assert.Single(await ListAsync());
        Assert.Single(await ListAsync());
        Assert.Equal(2, _reads);
    }

    [Fact]
    public async Task A_user_is_loaded_again_after_its_event_and_other_users_stay_cached()
    {
        _users[1] = new User(1, "a@example.org", IsActive: true);
        _users[2] = new User(2, "b@example.org", IsActive: true);
        Assert.Equal("a@example.org", (await UserAsync(1))?.Email);
        Assert.Equal("b@example.org", (await UserAsync(2))?.Email);
        _users[1] = _users[1] with { Email = "new@example.org" };
        await _events.PublishAsync(new UserEmailChanged(1), Stop);
        Assert.Equal("new@example.org", (await UserAsync(1))?.Email);
        Assert.Equal("b@example.org", (await UserAsync(2))?.Email);
        Assert.Equal(3, _reads);
    }

    private static void AddQueries(IServiceCollection services)
    {
        services.AddUnstale()
            .AddQueryCache(o => o.Expiration = TimeSpan.FromMinutes(5))
            .AddDomainEvents()
            .InvalidateOn<UserRegistered>((_, i) => i.Queries<ListUsers>())                  // all results of one query
            .InvalidateOn<IUserEvent>((e, i) => i.Query(new GetUser(e.UserId)))              // one result; every event that implements it
            .AddInvalidationStrategy<OrderCacheInvalidation>()                               // a class for another part of the domain
            .AddCommandInvalidation(m => m
                .On<CreateUser>((_, i) => i.Queries<ListUsers>())
                .On<RenameUser>((c, i) => i.Query(new GetUser(c.UserId)).Tags($"user:{c.UserId}")));
    }

    private async Task CreateAsync(User user, string means)
    {
        switch (means)
        {
            case "event":
                _users[user.Id] = user;
                await _events.PublishAsync(new UserRegistered(user.Id), Stop);               // returns once in force on this node
                break;
            case "event that nobody waits for":
                _users[user.Id] = user;
                Announce(new UserRegistered(user.Id));
                await _events.DrainAsync(Stop);
                break;
            case "command":
                await _commands.ExecuteAsync(new CreateUser(user.Email), _ =>
                {
                    _users[user.Id] = user;
                    return ValueTask.CompletedTask;
                }, Stop);
                break;
            default:
                _users[user.Id] = user;
                var strategy = _test.Services.GetRequiredService<CompositeInvalidationStrategy>();
                await strategy.InvalidateAsync(new UserRegistered(user.Id), Stop);
                break;
        }
    }

    private void Announce(IUserEvent domainEvent)
    {
        _events.Publish(domainEvent);                                                        // returns at once; handlers run behind, in order
    }

    private ValueTask<User?> UserAsync(int id) => _queries.ExecuteAsync(new GetUser(id), (query, token) => FindAsync(query.Id, token), Stop);

    private ValueTask<List<User>> ListAsync() => _queries.ExecuteAsync(new ListUsers(OnlyActive: true), (query, _) =>
    {
        _reads++;
        return new ValueTask<List<User>>([.. _users.Values.Where(user => user.IsActive || !query.OnlyActive)]);
    }, Stop);

    private ValueTask<User?> FindAsync(int id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _reads++;
        return new(_users.GetValueOrDefault(id));
    }
}
