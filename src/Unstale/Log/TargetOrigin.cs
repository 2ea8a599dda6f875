namespace Unstale.Log;

/// <summary>Origin of a target in a record.</summary>
/// <param name="Rule">Name of the rule that named the target; null if the call named it.</param>
/// <param name="Chain">Chain from the name in the rule or the call to the target; null if the target was named directly.</param>
internal readonly record struct TargetOrigin(string? Rule, string? Chain);
