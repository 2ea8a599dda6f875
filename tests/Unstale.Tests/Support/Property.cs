using FsCheck;
using FsCheck.Fluent;

namespace Unstale.Tests.Support;

/// <summary>A property over random steps. A failure names its seed and the shortest failing steps.</summary>
internal static class Property
{
    /// <param name="step">Generator of a step.</param>
    /// <param name="run">Runs the steps, and throws if the property does not hold.</param>
    /// <param name="runs">Number of sequences of steps.</param>
    /// <param name="steps">Maximum number of steps of a sequence.</param>
    /// <param name="seed">Seed that repeats the same sequences. Default: other sequences on each run.</param>
    public static void HoldsFor<TStep>(Gen<TStep> step, Action<TStep[]> run, int runs, int steps = 100, ulong? seed = null)
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(runs).WithStartSize(5).WithEndSize(steps).WithQuietOnSuccess(true);
        if (seed is { } number)
            config = config.WithReplay(number, 1);
        Check.One(config, Prop.ForAll(Arb.Array(Arb.From(step)), run));
    }
}
