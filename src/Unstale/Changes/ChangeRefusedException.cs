namespace Unstale;

/// <summary>
/// A change was not raised, because it exceeds a limit of <see cref="UnstaleOptions.ChangeGuard"/>. Nothing of it is in force: entries that it
/// made untrue are still served, until it is raised in another way or they expire.
/// </summary>
public sealed class ChangeRefusedException : InvalidOperationException
{
    internal ChangeRefusedException(string message, Change change)
        : base(message) => Change = change;

    /// <summary>The change.</summary>
    public Change Change { get; }
}
