using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Unstale.Tests.Cluster;

/// <summary>
/// Writers that commit in one order and call the caches in another, on two nodes, despite lost replies, cut connections, lost pushes and
/// new histories.
/// </summary>
public sealed class VersionedWriterTests
{
    public enum Act
    {
        Commit,
        WriteThrough,
        TellWithoutValue,
        Read,
        Invalidate,
        HoldBefore,
        HoldAfter,
        LoadSlowly,
        LetGo,
        LoseReply,
        Refuse,
        Cut,
        LosePushes,
        Mend,
        Restart,
        Fork,
        Wait,
        Minute,
    }

    public sealed record Step(Act Act, int Node, int Which);

    private static readonly Gen<Step> AnyStep =
        from act in Gen.Frequency(
            (8, Gen.Constant(Act.Commit)),
            (10, Gen.Constant(Act.WriteThrough)),
            (8, Gen.Constant(Act.Read)),
            (3, Gen.Elements(Act.HoldBefore, Act.HoldAfter, Act.LetGo, Act.Wait)),
            (3, Gen.Elements(Act.Mend, Act.LoadSlowly)),
            (2, Gen.Elements(Act.TellWithoutValue, Act.Invalidate)),
            (1, Gen.Elements(Act.LoseReply, Act.Refuse, Act.Cut, Act.LosePushes, Act.Fork)),
            (1, Gen.Elements(Act.Restart, Act.Minute)))
        from node in Gen.Choose(0, 1)
        from which in Gen.Choose(0, 5)
        select new Step(act, node, which);

    [Fact]
    public void Writers_on_two_nodes_leave_no_value_older_than_the_newest_written_version() =>
        Support.Property.HoldsFor(AnyStep, steps => RunAsync(steps).GetAwaiter().GetResult(), runs: 800, steps: 60);

    private static async Task RunAsync(Step[] steps)
    {
        await using var run = new VersionedRun();
        foreach (var step in steps)
            await run.DoAsync(step);
        await run.EndAsync();
    }
}
