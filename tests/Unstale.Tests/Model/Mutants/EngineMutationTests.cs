using Xunit;

namespace Unstale.Tests.Model.Mutants;

/// <summary>Mistakes that schedules find too rarely or not at all: each must fail the test written for it.</summary>
public sealed class EngineMutationTests(ITestOutputHelper output)
{
    /// <summary>
    /// Tests that wait in vain. All begin with the first test, so that their waits overlap with each other and with the remaining tests.
    /// </summary>
    private static readonly Lazy<Dictionary<string, Task<Exception?>>> Waits = new(StartWaits);

    public static TheoryData<string> Names => [.. EngineMutants.All.Select(mutant => mutant.ToString())];

    [Fact]
    public async Task Every_test_passes_over_the_compiled_engine_without_a_planted_mistake()
    {
        foreach (var mutant in EngineMutants.All.DistinctBy(m => (m.TestClass, m.TestMethod, string.Join(' ', m.Arguments))))
            Assert.Null(await EngineSources.RunWithoutMistakeAsync(mutant));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_planted_mistake_makes_its_test_fail(string name)
    {
        var mutant = EngineMutants.All.Single(m => m.ToString() == name);
        var failure = await (Waits.Value.TryGetValue(name, out var begun) ? begun : EngineSources.RunAsync(mutant));
        output.WriteLine($"{mutant.TestClass.Name}.{mutant.TestMethod}: {failure?.Message}");
        Assert.True(failure is not null, $"{mutant.TestClass.Name}.{mutant.TestMethod} passes although {name}");
    }

    private static Dictionary<string, Task<Exception?>> StartWaits()
    {
        // The runs outlast the test that starts them, and its context.
        using (ExecutionContext.SuppressFlow())
        {
            return EngineMutants.All.Where(static mutant => mutant.IsWaitedFor)
                .ToDictionary(static mutant => mutant.ToString(), static mutant => Task.Run(() => EngineSources.RunAsync(mutant)), StringComparer.Ordinal);
        }
    }
}
