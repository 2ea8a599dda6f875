namespace Unstale.Targets;

/// <summary>Another cache, which is told what the log says: see <see cref="TargetInvalidation"/>.</summary>
public interface ICacheTarget
{
    /// <summary>What it can be told. The same for as long as it lives. What it lacks is told as the next broader thing that it has.</summary>
    TargetAbilities Abilities { get; }

    /// <summary>
    /// Forgets what is named, or a superset of it. Called for one record after the other, in the order of the log. When it throws, it is
    /// called again, with the same or with everything, until it returns: forgetting twice must do no harm.
    /// </summary>
    /// <param name="invalidation">What became untrue, in words that <see cref="Abilities"/> has.</param>
    /// <param name="cancellationToken">The process ends and waits no longer.</param>
    ValueTask InvalidateAsync(TargetInvalidation invalidation, CancellationToken cancellationToken);
}
