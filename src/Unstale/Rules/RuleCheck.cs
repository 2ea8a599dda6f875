using Unstale.Values;

namespace Unstale.Rules;

/// <summary>Validates a rule before the rule is added.</summary>
internal static class RuleCheck
{
    public static void Check(InvalidationRule rule)
    {
        foreach (var trigger in rule.Triggers)
            RuleNames.CheckType(trigger, "trigger");
        RuleNames.Check(rule.Name, "name");
        if (rule.Triggers.Count == 0)
            throw Errors.RuleWithoutTrigger(rule.Name);
        if (rule.Tags.Count + rule.Keys.Count + rule.Globs.Count + rule.Patterns.Count + rule.Relationships.Count + rule.Dependencies.Count == 0)
            throw Errors.RuleTakesNothing(rule.Name);
        foreach (var field in rule.Fields)
            RuleNames.Check(field, "field");
        if (!Enum.IsDefined(rule.Strategy))
            throw Errors.UnknownStrategy(rule.Name, rule.Strategy);
        foreach (var operation in rule.Operations)
        {
            if (!Enum.IsDefined(operation))
                throw Errors.UnknownOperation(rule.Name, operation);
        }

        if (rule.ServeStaleOnce)
            CheckServesOnce(rule);
    }

    /// <summary>
    /// Rejects rules that cannot serve an old value once. Only tags can mark an entry for one stale read, and batched targets are served as fresh
    /// until the window ends.
    /// </summary>
    private static void CheckServesOnce(InvalidationRule rule)
    {
        if (rule.Strategy != InvalidationStrategy.Lazy)
            throw Errors.ServeOnceStrategy(rule.Name, rule.Strategy);
        if (rule.Keys.Count + rule.Globs.Count + rule.Patterns.Count + rule.Dependencies.Count > 0)
            throw Errors.ServeOnceNeedsTags(rule.Name);
    }
}
