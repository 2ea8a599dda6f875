namespace Unstale;

/// <summary>
/// Limits the size of a change. Each change is checked before anything is invalidated; one that exceeds a limit is refused or reported. The check walks
/// once through the entries in memory under the log, which costs about as much as a sweep, unless only the depth is limited. Only entries in the process
/// of the caller are counted; other nodes may hold more. Changes from events and commands are checked too. Targets named directly by a caller are not. In
/// a transaction or an <see cref="InvalidationScope"/> a change is checked when the call is made, and not again at the commit.
/// </summary>
public sealed class ChangeGuard
{
    /// <summary>Maximum number of entries in this process that one change may invalidate, from 0. Default: null (no limit).</summary>
    public int? MaximumEntries { get; set; }

    /// <summary>Maximum number of levels of relationships or declared dependencies that one change may walk, from 0. Default: null (no limit).</summary>
    public int? MaximumDepth { get; set; }

    /// <summary>Action taken when a change exceeds a limit. Default: <see cref="ChangeGuardAction.Warn"/>.</summary>
    public ChangeGuardAction WhenExceeded { get; set; }
}

/// <summary>Action taken when a change exceeds a limit of <see cref="ChangeGuard"/>.</summary>
public enum ChangeGuardAction
{
    /// <summary>Applies and counts the change, and logs a warning.</summary>
    Warn,

    /// <summary>Invalidates nothing and throws <see cref="ChangeRefusedException"/>.</summary>
    Refuse,
}
