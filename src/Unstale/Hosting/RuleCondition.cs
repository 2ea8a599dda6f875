namespace Unstale.Hosting;

/// <summary>A condition by its name, for rules from configuration. Keyed by the cache's name.</summary>
internal sealed record RuleCondition(string Name, Func<Change, bool> Holds);
