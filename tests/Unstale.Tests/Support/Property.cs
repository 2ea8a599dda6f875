using FsCheck;
using FsCheck.Fluent;

namespace Unstale.Tests.Support;

/// <summary>A property over random steps. A failure names its seed and the shortest failing steps.</summary>
internal static class Property
{
    public static void HoldsFor<TStep>(Gen<TStep> step, Action<TStep[]> run, int runs, int steps = 100)
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(runs).WithStartSize(5).WithEndSize(steps).WithQuietOnSuccess(true);
        Check.One(config, Prop.ForAll(Arb.Array(Arb.From(step)), run));
    }
}
