using Unstale.Rules;

namespace Unstale.Hosting;

/// <summary>Rules declared in code.</summary>
internal sealed class CodedRules(Action<RuleSetBuilder> configure) : RuleSource
{
    public override void AddTo(InvalidationRules rules)
    {
        var said = new RuleSetBuilder();
        configure(said);
        rules.Add(said.Build(), said.Relationships, origin: "");
        foreach (var dependency in said.Dependencies)
            rules.AddDependency(dependency.Key, dependency.On);
    }
}
