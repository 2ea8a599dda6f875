namespace Unstale.Log;

/// <summary>How a target came into its record.</summary>
/// <param name="Rule">The name of the rule that named it; null if the call itself did.</param>
/// <param name="Chain">The way from what the rule or the call named to the target; null if it was named directly.</param>
internal readonly record struct TargetOrigin(string? Rule, string? Chain);
