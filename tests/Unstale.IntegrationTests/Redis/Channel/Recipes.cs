using Unstale.Redis.Channel;

namespace Unstale.IntegrationTests.Redis.Channel;

/// <summary>Code of docs/recipes.md.</summary>
internal sealed class Recipes(SocialDatabase database, UnstaleCache cache, IInvalidator invalidator, InvalidationPublisher others)
{
    public ValueTask<string> ProfileAsync(string userId) =>
        cache.GetOrCreateAsync($"user:{userId}", _ => database.UserAsync(userId), tags: [$"user:{userId}"]);

    public ValueTask<int> CountUsersAsync() =>
        cache.GetOrCreateAsync("users:count", _ => database.CountUsersAsync(), tags: ["user"]);

    public ValueTask<string> PostAsync(string postId) =>
        cache.GetOrCreateAsync($"post:{postId}", _ => database.PostAsync(postId), tags: [$"post:{postId}"]);

    public ValueTask<string[]> FeedAsync(string userId, string page) =>
        cache.GetOrCreateAsync($"feed:{userId}:{page}", _ => database.FeedAsync(userId), tags: [$"feed:{userId}"]);

    public async Task UpdateProfileAsync(string userId, string name)
    {
        await database.UpdateUserAsync(userId, name);                                         // the commit
        await invalidator.ChangedAsync("user", userId, fields: ["name"]);                     // every node with Unstale
        await others.TryPublishAsync(others.Update(EntityType.User, userId));                 // every other service
    }

    public async Task DeletePostAsync(string postId, string authorId)
    {
        await database.DeletePostAsync(postId);
        await invalidator.InvalidateAsync(
            keys: [$"post:{postId}"], tags: ["post", $"post:{postId}"], patterns: GlobPattern.ForSegment("feed", authorId), reason: "post deleted");
        await others.TryPublishAsync(others.Delete(EntityType.Post, postId));
        await others.TryPublishAsync(others.Pattern($"feed:{GlobPattern.Escape(authorId)}:*"));
    }

    public async Task RegenerateFeedAsync(string userId)
    {
        string[] feed = await database.RegenerateFeedAsync(userId);
        await invalidator.InvalidatePatternAsync(new GlobPattern($"feed:{GlobPattern.Escape(userId)}:*"));
        await cache.SetAsync($"feed:{userId}:home", feed, tags: [$"feed:{userId}"]);          // after it, or it would go with the rest
        await others.TryPublishAsync(others.Pattern($"feed:{GlobPattern.Escape(userId)}:*"));
    }

    public async Task ImportUsersAsync(IReadOnlyList<(string Id, string Name)> users)
    {
        await database.InsertUsersAsync(users);
        string[] names = [.. users.Select(user => $"user:{user.Id}")];
        await invalidator.InvalidateAsync(keys: names, tags: [.. names, "user"], reason: "import");
        await others.TryPublishAsync(others.Batch(names));
    }
}
