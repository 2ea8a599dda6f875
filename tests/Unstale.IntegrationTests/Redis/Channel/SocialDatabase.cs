using System.Collections.Concurrent;

namespace Unstale.IntegrationTests.Redis.Channel;

/// <summary>Source of truth of the recipes, shared by the nodes of a test.</summary>
internal sealed class SocialDatabase
{
    private readonly ConcurrentDictionary<string, string> _users = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _posts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _editions = new(StringComparer.Ordinal);
    private int _loads;

    /// <summary>Number of reads.</summary>
    public int Loads => Volatile.Read(ref _loads);

    public ValueTask<string> UserAsync(string id) => Read(_users.GetValueOrDefault(id, ""));

    public ValueTask<int> CountUsersAsync() => Read(_users.Count);

    public ValueTask<string> PostAsync(string id) => Read(_posts.GetValueOrDefault(id, "none"));

    public ValueTask<string[]> FeedAsync(string userId) => Read(EntriesOf(userId));

    public Task UpdateUserAsync(string id, string name)
    {
        _users[id] = name;
        return Task.CompletedTask;
    }

    public Task InsertPostAsync(string id, string text)
    {
        _posts[id] = text;
        return Task.CompletedTask;
    }

    public Task DeletePostAsync(string id)
    {
        _posts.TryRemove(id, out _);
        return Task.CompletedTask;
    }

    public Task InsertUsersAsync(IReadOnlyList<(string Id, string Name)> users)
    {
        foreach (var (id, name) in users)
            _users[id] = name;

        return Task.CompletedTask;
    }

    public Task<string[]> RegenerateFeedAsync(string userId)
    {
        _editions.AddOrUpdate(userId, 1, static (_, edition) => edition + 1);
        return Task.FromResult(EntriesOf(userId));
    }

    private string[] EntriesOf(string userId) => [$"edition {_editions.GetValueOrDefault(userId)}", .. _posts.Keys.Order(StringComparer.Ordinal)];

    private ValueTask<T> Read<T>(T value)
    {
        Interlocked.Increment(ref _loads);
        return new ValueTask<T>(value);
    }
}
