using Unstale.Horizon;
using Unstale.Node;

namespace Unstale.Hosting;

/// <summary>Options that belong to a log. All caches of the log must have the same values.</summary>
internal static class LogTerms
{
    private static readonly (string Setting, Func<UnstaleOptions, object> Of)[] Terms =
    [
        (nameof(UnstaleOptions.StalenessBound), static o => o.StalenessBound),
        (nameof(UnstaleOptions.WhenLogIsAway), static o => o.WhenLogIsAway),
        (nameof(UnstaleOptions.QueueCapacity), static o => o.QueueCapacity),
        (nameof(UnstaleOptions.AppendDeadline), static o => o.AppendDeadline),
        (nameof(UnstaleOptions.ShutdownLimit), static o => o.ShutdownLimit),
        (nameof(UnstaleOptions.SplitBrainAllowance), static o => o.SplitBrainAllowance),
        (nameof(UnstaleOptions.RecentRecords), static o => o.RecentRecords),
    ];

    public static NodeSettings SettingsOf(UnstaleOptions options) =>
        new(new HorizonSettings
        {
            StalenessBound = (long)options.StalenessBound.TotalMilliseconds,
            RetryCapacity = options.QueueCapacity,
            RecentRecords = options.RecentRecords,
        })
        {
            AppendDeadline = options.AppendDeadline,
            ShutdownLimit = options.ShutdownLimit,
            SplitBrainAllowance = options.SplitBrainAllowance,
        };

    /// <exception cref="InvalidOperationException">The options of the two caches contradict each other.</exception>
    public static void RequireSame(UnstaleOptions known, UnstaleOptions asked)
    {
        foreach (var (setting, of) in Terms)
        {
            if (!of(known).Equals(of(asked)))
                throw Errors.ContradictingTerms(asked.Log, setting, of(known), of(asked));
        }
    }
}
