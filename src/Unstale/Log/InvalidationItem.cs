using System.Runtime.CompilerServices;

namespace Unstale.Log;

/// <summary>Target of an invalidation, with its origin and timing.</summary>
/// <param name="Target">Invalidated target.</param>
/// <param name="Cause">Origin of the target, with the counter of its entries; null if the call named the target.</param>
/// <param name="Chain">Path to the target, such as <c>product -> pricing</c>; null if the target is named directly.</param>
/// <param name="Timing">Time at which the target takes effect. Default: immediately.</param>
internal readonly record struct InvalidationItem(
    InvalidationTarget Target, InvalidationCause? Cause = null, string? Chain = null, InvalidationTiming Timing = InvalidationTiming.Immediate);

/// <summary>Origin of targets: a rule, or the changes themselves.</summary>
/// <param name="rule">Name of the rule; null for the names of the changes.</param>
internal sealed class InvalidationCause(string? rule)
{
    public string? Rule => rule;

    /// <summary>Number of entries removed because of the targets, incremented by sweeps.</summary>
    public StrongBox<long> Entries { get; } = new();
}

/// <summary>Time at which a target takes effect, and treatment of the old values. Ordered: the strictest first.</summary>
internal enum InvalidationTiming
{
    /// <summary>In effect when the call returns, and swept soon.</summary>
    Immediate,

    /// <summary>In effect when the call returns, and reclaimed by reads: <see cref="RecordFlags.Lazy"/>.</summary>
    Lazy,

    /// <summary>Lazy, and each old value may be read once more: <see cref="RecordFlags.ServeStaleOnce"/>. Applies to tags only.</summary>
    ServeStaleOnce,

    /// <summary>In effect at the end of the batch window.</summary>
    Batched,
}
