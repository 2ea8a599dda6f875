namespace Unstale.Rules;

/// <summary>Time at which the targets of a rule are invalidated.</summary>
public enum InvalidationStrategy
{
    /// <summary>At once. No affected value is served after the call that raised the change has returned.</summary>
    Immediate,

    /// <summary>Collected, and raised together at the end of the window opened by the first target.</summary>
    Batched,

    /// <summary>
    /// At once, without a sweep. Affected values are never served as fresh again. Their memory is reclaimed at the next access or by a sweep started
    /// for another reason.
    /// </summary>
    Lazy,

    /// <summary>At once, together with every key that depends on the targets.</summary>
    Cascade,
}
