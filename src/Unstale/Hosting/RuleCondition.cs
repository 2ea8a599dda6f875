namespace Unstale.Hosting;

/// <summary>Named condition for rules from the configuration. Keyed by the name of the cache.</summary>
internal sealed record RuleCondition(string Name, Func<Change, bool> Holds);
