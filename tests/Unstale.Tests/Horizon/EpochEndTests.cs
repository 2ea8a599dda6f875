using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Horizon;

/// <summary>
/// Hits take no lock. Adopting a generation lowers the limits that a concurrent hit compares an entry with: the hit must detect the end of
/// the epoch.
/// </summary>
public sealed class EpochEndTests
{
    private const int Rounds = 3_000;

    /// <summary>Many tags, so that a hit lasts as long as the adoption of a generation.</summary>
    private static readonly string[] Tags = [.. Enumerable.Range(0, 500).Select(i => $"t{i}")];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("its last tag")]
    [InlineData("everything")]
    [InlineData("a pattern")]
    public async Task An_entry_that_was_invalidated_is_not_revived_by_the_adoption_of_a_generation(string target)
    {
        var test = new HorizonUnderTest();
        Held? invalidated = null;
        var (revived, isOver) = (0, false);
        var reader = Task.Factory.StartNew(
            () =>
            {
                while (!Volatile.Read(ref isOver))
                {
                    if (Volatile.Read(ref invalidated) is { } entry && test.View.IsValid(entry))
                        Interlocked.Increment(ref revived);
                }
            },
            Stop, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        for (var round = 0; round < Rounds && Volatile.Read(ref revived) == 0; round++)
        {
            for (var i = 0; i < 3; i++)
                test.PushTag("filler");
            var held = test.Keep("k", Tags);
            test.Push(test.Log(Target(target)));
            Volatile.Write(ref invalidated, held);
            test.StartNewGeneration();
            test.Adopt();
            Volatile.Write(ref invalidated, null);
            test.Horizon.Tags.Release(held.Tags);
        }

        Volatile.Write(ref isOver, true);
        await reader;
        Assert.Equal(0, revived);
    }

    private static InvalidationTarget Target(string name) => name switch
    {
        "everything" => InvalidationTarget.Everything,
        "a pattern" => InvalidationTarget.ForPattern(new GlobPattern("k*")),
        _ => InvalidationTarget.ForTag(Tags[^1]),
    };
}
