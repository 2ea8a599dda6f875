using System.Collections.Concurrent;
using Unstale.IntegrationTests.Redis.Wire;
using Unstale.IntegrationTests.Support;
using Unstale.Redis.Channel;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Channel;

/// <summary>Recipes of docs/recipes.md over a real server, with two nodes and a service that uses only the channel.</summary>
public sealed class RecipeTests : IAsyncLifetime
{
    private readonly SocialDatabase _database = new();
    private readonly ConcurrentQueue<string> _elsewhere = new();
    private RedisServer _server = null!;
    private WireNode _writerNode = null!;
    private WireNode _readerNode = null!;
    private Recipes _writer = null!;
    private Recipes _reader = null!;
    private InvalidationSubscriber _subscriber = null!;
    private InvalidationSubscription _subscription = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _writerNode = await WireNode.StartAsync(_server);
        _readerNode = await WireNode.StartAsync(_server);
        _writer = Over(_writerNode);
        _reader = Over(_readerNode);
        _subscriber = InvalidationSubscriber.Create(_server.EndPoint.ToString());
        _subscription = _subscriber.Subscribe((message, _) =>
        {
            _elsewhere.Enqueue($"{message.Action} {message.EntityType.Word} {message.EntityId}{message.Pattern}{string.Join(',', message.EntityIds ?? [])}");
            return default;
        });
        await _subscription.Subscribed;
    }

    public async ValueTask DisposeAsync()
    {
        await _subscription.DisposeAsync();
        await _subscriber.DisposeAsync();
        await _readerNode.DisposeAsync();
        await _writerNode.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task An_updated_profile_is_read_on_every_node_and_published_to_other_services()
    {
        await _database.UpdateUserAsync("123", "Ann");
        await ReadsAsync("Ann", () => _reader.ProfileAsync("123"));
        await _writer.UpdateProfileAsync("123", "Anna");
        Assert.Equal("Anna", await _writer.ProfileAsync("123"));
        await ReadsAsync("Anna", () => _reader.ProfileAsync("123"));
        await ReportedAsync("Update user 123");
    }

    [Fact]
    public async Task A_deleted_post_invalidates_the_feed_of_its_author_and_no_other_feed()
    {
        await _database.InsertPostAsync("p1", "text");
        await ReadsAsync("text", () => _reader.PostAsync("p1"));
        Assert.Equal(["edition 0", "p1"], await _reader.FeedAsync("7", "home"));
        Assert.Equal(["edition 0", "p1"], await _reader.FeedAsync("77", "home"));
        await _writer.DeletePostAsync("p1", "7");
        await ReadsAsync("none", () => _reader.PostAsync("p1"));
        await ReadsAsync("edition 0", async () => string.Join(' ', await _reader.FeedAsync("7", "home")));
        Assert.Equal(["edition 0", "p1"], await _reader.FeedAsync("77", "home"));
        await ReportedAsync("Delete post p1", "Pattern pattern feed:7:*");
    }

    [Fact]
    public async Task A_regenerated_feed_is_stored_without_a_load_and_its_other_pages_are_invalidated()
    {
        Assert.Equal(["edition 0"], await _reader.FeedAsync("7", "home"));
        Assert.Equal(["edition 0"], await _reader.FeedAsync("7", "second"));
        await _writer.RegenerateFeedAsync("7");
        var loads = _database.Loads;
        Assert.Equal(["edition 1"], await _writer.FeedAsync("7", "home"));
        Assert.Equal(loads, _database.Loads);
        await ReadsAsync("edition 1", async () => string.Join(' ', await _reader.FeedAsync("7", "home")));
        Assert.Equal(["edition 1"], await _reader.FeedAsync("7", "second"));
        await ReportedAsync("Pattern pattern feed:7:*");
    }

    [Fact]
    public async Task An_import_is_one_record_and_one_message()
    {
        await _database.UpdateUserAsync("1", "old");
        await ReadsAsync("old", () => _reader.ProfileAsync("1"));
        Assert.Equal(1, await _reader.CountUsersAsync());
        var before = _writerNode.Cache.GetLogState().Position.Sequence;
        await _writer.ImportUsersAsync([("1", "new"), ("2", "two"), ("3", "three")]);
        Assert.Equal(before + 1, _writerNode.Cache.GetLogState().Position.Sequence);
        await ReadsAsync("new", () => _reader.ProfileAsync("1"));
        Assert.Equal(3, await _reader.CountUsersAsync());
        await ReportedAsync("Batch batch user:1,user:2,user:3");
    }

    private Recipes Over(WireNode node) => new(_database, node.Cache, node.Invalidator, node.Publisher);

    private static Task ReadsAsync(string expected, Func<ValueTask<string>> read) =>
        Eventually.TrueAsync($"'{expected}' is read", async () => await read() == expected);

    private async Task ReportedAsync(params string[] messages)
    {
        await Eventually.TrueAsync("the other service has heard it", () => Task.FromResult(_elsewhere.Count >= messages.Length));
        Assert.Equal(messages, _elsewhere);
    }
}
