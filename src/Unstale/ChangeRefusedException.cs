namespace Unstale;

/// <summary>
/// Thrown when a change exceeds a limit of <see cref="UnstaleOptions.ChangeGuard"/>. Nothing was invalidated: entries made stale by the change are served
/// until invalidated in another way or expired.
/// </summary>
public sealed class ChangeRefusedException : InvalidOperationException
{
    internal ChangeRefusedException(string message, Change change)
        : base(message) => Change = change;

    /// <summary>Refused change.</summary>
    public Change Change { get; }
}
