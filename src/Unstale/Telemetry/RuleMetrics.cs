using System.Diagnostics.Metrics;
using Unstale.Boundary;
using Unstale.Rules;

namespace Unstale.Telemetry;

/// <summary>Metrics of the rules of one cache. A rule is included from its first run on, so that many rules that never run cost nothing.</summary>
internal static class RuleMetrics
{
    // Kind of pending names other than tags and keys.
    private const string Pattern = "pattern";

    /// <param name="meter">Meter of the cache.</param>
    /// <param name="cache">Attribute with the name of the cache, added to every measurement.</param>
    /// <param name="observe">Returns the current statistics of the rules; null once the cache has ended.</param>
    public static void Add(GuardedMeter meter, KeyValuePair<string, object?> cache, Func<RuleSetStatistics?> observe)
    {
        PerRule("unstale.rules.executions", "{execution}", "Number of times that a rule ran.", static rule => rule.Executions);
        PerRule("unstale.rules.entries", "{entry}", "Entries removed because of a rule.", static rule => rule.Entries);
        PerRule("unstale.rules.condition.failures", "{failure}", "Conditions that threw; each counts as true.", static rule => rule.ConditionFailures);
        PerRule("unstale.rules.values.missing", "{value}", "Placeholders that found no value.", static rule => rule.MissingValues);
        meter.CreateObservableCounter("unstale.rules.activations", Activations, "{execution}", "Number of times that a rule ran, by strategy.");
        meter.CreateObservableUpDownCounter("unstale.rules.pending", Pending, "{name}", "Names pending in the batch, by kind.");

        void PerRule(string name, string unit, string description, Func<RuleStatistics, long> select) => meter.CreateObservableCounter(
            name,
            () => observe() is { } rules ? rules.Details.Where(HasRun).Select(rule => Of(select(rule), Names.Rule, rule.Name)).ToArray() : [],
            unit,
            description);

        Measurement<long>[] Activations() =>
            observe() is { } rules ? [.. rules.Activations.Select(pair => Of(pair.Value, Names.Strategy, NameOf(pair.Key)))] : [];

        Measurement<long>[] Pending() => observe() is { } rules
            ? [Of(rules.PendingTags, Names.Kind, "tag"), Of(rules.PendingKeys, Names.Kind, "key"), Of(rules.PendingPatterns, Names.Kind, Pattern)]
            : [];

        Measurement<long> Of(long value, string name, string text) => new(value, cache, new(name, text));
    }

    private static bool HasRun(RuleStatistics rule) => rule.Executions > 0 || rule.ConditionFailures > 0;

    private static string NameOf(InvalidationStrategy strategy) => strategy switch
    {
        InvalidationStrategy.Batched => "batched",
        InvalidationStrategy.Lazy => "lazy",
        InvalidationStrategy.Cascade => "cascade",
        _ => "immediate",
    };
}
