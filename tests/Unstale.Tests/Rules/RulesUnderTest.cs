using Unstale.Log;
using Unstale.Rules;

namespace Unstale.Tests.Rules;

/// <summary>Rules on a separate node, and targets of a change by these rules.</summary>
internal static class RulesUnderTest
{
    public static InvalidationRules Of(params IEnumerable<RuleBuilder> rules)
    {
        var all = new InvalidationRules(TimeProvider.System);
        foreach (var rule in rules)
            all.Add(rule.Build());
        return all;
    }

    public static InvalidationRules Defaults()
    {
        var rules = new InvalidationRules(TimeProvider.System);
        rules.Replace(new RuleSetBuilder().AddDefaults().Build(), [], "defaults");
        return rules;
    }

    /// <summary>Targets in force when the call returns, by kind and name.</summary>
    public static string[] TakenAtOnce(this InvalidationRules rules, Change change) =>
        Names(rules.Current.Evaluate(change).Steps().Where(step => step.Strategy != InvalidationStrategy.Batched));

    /// <summary>Targets that wait for the end of the window.</summary>
    public static string[] TakenAtFlush(this InvalidationRules rules, Change change) =>
        Names(rules.Current.Evaluate(change).Steps().Where(step => step.Strategy == InvalidationStrategy.Batched));

    /// <summary>Rules that ran, in order.</summary>
    public static string[] Ran(this InvalidationRules rules, Change change) =>
        [.. rules.Current.Evaluate(change).Steps().Where(step => step.Rule is not null).Select(step => step.Rule!.Rule.Name)];

    /// <summary>Returns the text of a tag, or kind and text of another target.</summary>
    public static string NameOf(InvalidationTarget target) => target.Kind == TargetKind.Tag ? target.Text : target.ToString();

    /// <summary>Names of the change itself, then the targets of each rule that ran.</summary>
    public static IReadOnlyList<RuleStep> Steps(this RuleEvaluation evaluation)
    {
        var items = evaluation.Invalidation.Items.ToArray();
        return
        [
            new(null, InvalidationStrategy.Immediate, ServeStaleOnce: false, [.. items.Where(item => item.Cause!.Rule is null)], Missing: 0),
            .. evaluation.Runs.Select(run => new RuleStep(
                run.Rule, run.Rule.Rule.Strategy, run.Timing == InvalidationTiming.ServeStaleOnce, [.. items.Where(item => item.Cause == run.Rule.Cause)], run.Missing)),
        ];
    }

    private static string[] Names(IEnumerable<RuleStep> steps) =>
        [.. steps.SelectMany(step => step.Targets).Select(named => NameOf(named.Target))];
}
