using System.Globalization;
using Xunit;

namespace Unstale.Tests.Model.Mutants;

/// <summary>Validates the simulation: each mistake planted here must be found.</summary>
public sealed class MutationTests(ITestOutputHelper output)
{
    private const int Profiles = 18;

    private const int Seeds = 40;

    /// <summary>Number of schedules per profile for the rare mistakes. Zero leaves them out. Default: zero.</summary>
    private static readonly int RareSeeds =
        int.TryParse(Environment.GetEnvironmentVariable("UNSTALE_MUTANT_SEEDS"), CultureInfo.InvariantCulture, out var seeds) ? seeds : 0;

    public static TheoryData<Mutant> All => RareSeeds == 0 ? [.. MutantList.All] : [.. MutantList.All, .. MutantList.Rare];

    [Fact]
    public void The_simulation_finds_no_violation_without_a_planted_mistake() =>
        Assert.Null(FirstViolation(new Mutant("none"), seeds: 2, out _));

    [Fact]
    public void A_patch_that_does_not_apply_fails() =>
        Assert.Throws<InvalidOperationException>(() => new Patch("file", "nowhere", string.Empty).Apply("nothing"));

    [Theory]
    [MemberData(nameof(All))]
    public void A_planted_mistake_is_found(Mutant mutant)
    {
        var violation = FirstViolation(mutant, Math.Max(Seeds, RareSeeds), out var schedules);
        output.WriteLine($"{mutant}: {schedules} schedules, {violation}");
        Assert.True(violation is not null, $"{mutant}: not found in {schedules} schedules");
    }

    private static string? FirstViolation(Mutant mutant, int seeds, out int schedules)
    {
        var run = MutantSources.Compile(mutant);
        schedules = 0;
        for (var seed = 0; seed < seeds; seed++)
        {
            for (var profile = 0; profile < Profiles; profile++)
            {
                schedules++;
                if (run(profile, seed, new Dictionary<string, long>(StringComparer.Ordinal)) is { } violation)
                    return violation;
            }
        }

        return null;
    }
}
