using Unstale.Log;
using Unstale.Values;

namespace Unstale.Rules;

/// <summary>Keys that a rule invalidates because they depend on targets of the rule or of the change itself.</summary>
internal sealed class RuleDependencies
{
    private readonly (Template Key, Template[] On)[] _all;

    /// <exception cref="ArgumentException">A name is empty or not a valid template, or a key depends on nothing.</exception>
    public RuleDependencies(IReadOnlyCollection<RuleDependency> dependencies) => _all = [.. dependencies.Select(Read)];

    /// <summary>Adds the keys and the keys that depend on them, until no further key is reached.</summary>
    /// <param name="targets">Builder that contains the names of the change itself at its beginning.</param>
    /// <param name="own">Number of names of the change itself.</param>
    /// <param name="start">Index of the first target of the rule.</param>
    /// <param name="change">Source of the values.</param>
    /// <param name="cause">Cause of the targets.</param>
    /// <returns>Number of missing values.</returns>
    public int AddTo(InvalidationBuilder targets, int own, int start, Change change, InvalidationCause cause)
    {
        var left = new List<(Template Key, Template[] On)>(_all);
        var missing = 0;
        for (var found = true; found;)
        {
            found = false;
            for (var i = left.Count - 1; i >= 0; i--)
            {
                if (Reason(left[i].On, name => IsNamed(name, targets.Items[start..]) || IsNamed(name, targets.Items[..own]), change) is not { } why)
                    continue;
                missing += RuleTargets.AddKeys(left[i].Key, targets, change, cause, why);
                left.RemoveAt(i);
                found = true;
            }
        }

        return missing;
    }

    /// <summary>Returns the first invalidated name; null for none. A name with a missing value counts as invalidated.</summary>
    private static string? Reason(Template[] on, Func<string, bool> isNamed, Change change)
    {
        string? reason = null;
        foreach (var name in on)
        {
            name.ForEach(change, values =>
            {
                if (reason is not null)
                    return;
                if (Array.IndexOf(values, null) >= 0)
                    reason = name.Text;
                else if (name.Plain(values) is var text && isNamed(text))
                    reason = text;
            });
        }

        return reason;
    }

    private static bool IsNamed(string name, ReadOnlySpan<InvalidationItem> targets)
    {
        foreach (ref readonly var item in targets)
        {
            var target = item.Target;
            if (target.Pattern is { } pattern ? pattern.IsMatch(name) : target.Text == name || target.Kind == TargetKind.Everything)
                return true;
        }

        return false;
    }

    private static (Template Key, Template[] On) Read(RuleDependency dependency)
    {
        RuleNames.Check(dependency.Key, "key");
        if (dependency.On.Count == 0)
            throw Errors.DependsOnNothing(dependency.Key);
        foreach (var name in dependency.On)
            RuleNames.CheckType(name, "dependency");
        return (Template.Parse(dependency.Key), [.. dependency.On.Select(Template.Parse)]);
    }
}
