namespace Unstale.Targets;

/// <summary>Target that calls a delegate.</summary>
internal sealed class CallbackTarget(TargetAbilities abilities, Func<TargetInvalidation, CancellationToken, ValueTask> callback) : ICacheTarget
{
    public TargetAbilities Abilities => abilities;

    public ValueTask InvalidateAsync(TargetInvalidation invalidation, CancellationToken cancellationToken) => callback(invalidation, cancellationToken);
}
