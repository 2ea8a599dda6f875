using Unstale.Rules;

namespace Unstale.Hosting;

/// <summary>Rules declared in code.</summary>
internal sealed class CodedRules(Action<RuleSetBuilder> configure) : RuleSource
{
    public override void AddTo(InvalidationRules rules)
    {
        var builder = new RuleSetBuilder();
        configure(builder);
        rules.Add(builder.Build(), builder.Relationships, origin: "");
        foreach (var dependency in builder.Dependencies)
            rules.AddDependency(dependency.Key, dependency.On);
    }
}
