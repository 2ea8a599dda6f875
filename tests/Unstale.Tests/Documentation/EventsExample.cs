using System.Collections.Concurrent;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Documentation;

/// <summary>Handlers of <c>docs/concepts.md</c>, section on events.</summary>
public sealed class EventsExample
{
    private readonly ConcurrentQueue<string> _lines = [];

    [Fact]
    public async Task The_handlers_of_the_example_are_called()
    {
        await using var test = new CacheUnderTest(static o => o.MaximumEntries = 1);
        Listen(test.Cache);
        await Assert.ThrowsAsync<HttpRequestException>(
            () => test.Cache.GetOrCreateAsync<int>("price:7", static _ => throw new HttpRequestException("the supplier fails"), cancellationToken: TestContext.Current.CancellationToken).AsTask());
        await test.Cache.SetAsync("price:8", 1, cancellationToken: TestContext.Current.CancellationToken);
        await test.Cache.SetAsync("price:9", 1, cancellationToken: TestContext.Current.CancellationToken);
        await Eventually.Holds("both handlers are called", () => _lines.Count == 2);
        Assert.Equal(["price:7: the supplier fails", "price:8 was evicted"], _lines);
    }

    private void Listen(UnstaleCache cache)
    {
        cache.Events.LoadFailed += (_, e) => Write($"{e.Key}: {e.Exception!.Message}");
        cache.Events.Removed += (_, e) =>
        {
            if (e.Cause == RemovalCause.EvictedForSize)
                Write($"{e.Key} was evicted");
        };
    }

    private void Write(string line) => _lines.Enqueue(line);
}
