using System.Globalization;
using Xunit;

namespace Unstale.DatabaseTests.PostgreSql.Support;

/// <summary>Kills at random steps and moments. UNSTALE_CRASH_RUNS is the number of kills (default: 2), and UNSTALE_CRASH_SEED the seed.</summary>
/// <param name="name">Name of the run.</param>
internal sealed class CrashRun(string name)
{
    private readonly Random _random = new(Seed);
    private readonly SortedDictionary<string, int> _kills = new(StringComparer.Ordinal);

    public static int Seed { get; } = Setting("UNSTALE_CRASH_SEED", Environment.ProcessId);

    public int Kills { get; } = Setting("UNSTALE_CRASH_RUNS", 2);

    public bool NextIsTrue() => _random.Next(2) == 0;

    /// <summary>Returns the number of times that a process reaches its step before its end.</summary>
    public int NextTimes() => _random.Next(1, 30);

    /// <summary>Returns a random step of a process; null for a process that is killed at a random moment.</summary>
    public TStep? NextStep<TStep>()
        where TStep : struct, Enum
    {
        var steps = Enum.GetValues<TStep>();
        var at = _random.Next(steps.Length + 1);
        TStep? step = at < steps.Length ? steps[at] : null;
        var word = step?.ToString() ?? "moment";
        _kills[word] = _kills.GetValueOrDefault(word) + 1;
        return step;
    }

    /// <summary>Kills a process after a random time.</summary>
    /// <param name="process">Process.</param>
    /// <param name="most">Maximum time in milliseconds.</param>
    public async Task KillAsync(KilledProcess process, int most)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(most)), TimeProvider.System, TestContext.Current.CancellationToken);
        process.Kill();
    }

    /// <summary>Prints the figures, and fails if no write was of a held price.</summary>
    public void Report(ShopTraffic traffic)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{name}, seed {Seed}: {Kills} kills ({string.Join(", ", _kills.Select(static step => $"{step.Key} {step.Value}"))}), " +
            $"{traffic.Writes} writes, {traffic.HeldWrites} of them while a node held the old price; none was lost");
        Assert.True(traffic.HeldWrites > 0);
    }

    private static int Setting(string name, int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : usual;
}
