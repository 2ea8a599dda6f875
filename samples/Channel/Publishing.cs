using Unstale.Redis.Channel;

namespace ChannelSample;

/// <summary>Service that changes data and notifies the others after each commit.</summary>
internal static class Publishing
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(string redis)
    {
        await using var publisher = InvalidationPublisher.Create(redis, "user-service");
        await publisher.ConnectAsync(Limit);
        Console.WriteLine($"user 123 changed: {await publisher.InvalidateUserAsync("123")} heard it");
        Console.WriteLine($"session abc123 ended: {await publisher.InvalidateCustomAsync("session", "abc123")} heard it");
        Console.WriteLine($"three users imported: {await publisher.InvalidateBatchAsync(["user:1", "user:2", "user:3"])} heard it");
        Console.WriteLine($"the feeds of user_123 changed: {await publisher.InvalidatePatternAsync("feed:user_123:*")} heard it");
    }
}
