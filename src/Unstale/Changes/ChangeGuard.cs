namespace Unstale;

/// <summary>
/// Looks at each change before it is raised, and refuses or reports one that would take more than it should. Each change then walks once
/// through what is held in memory under the log, unless only the depth is limited: about as long as a sweep. It counts what is held by the
/// process that raises the change; other nodes may hold more. Changes that events
/// and commands raise are looked at too; what a caller names by itself is not. In a transaction or an
/// <see cref="InvalidationScope"/> a change is looked at when it is said, and not again when that has come about.
/// </summary>
public sealed class ChangeGuard
{
    /// <summary>How many entries of this process one change may take, from 0; null: any number. Default: null.</summary>
    public int? MaximumEntries { get; set; }

    /// <summary>How many levels of relationships, or of declared dependencies, one change may walk, from 0; null: any number. Default: null.</summary>
    public int? MaximumDepth { get; set; }

    /// <summary>What becomes of a change that exceeds one of them. Default: <see cref="GuardedChanges.Warn"/>.</summary>
    public GuardedChanges WhenExceeded { get; set; }
}

/// <summary>What becomes of a change that exceeds a limit of <see cref="ChangeGuard"/>.</summary>
public enum GuardedChanges
{
    /// <summary>It is raised, counted and reported in the log.</summary>
    Warn,

    /// <summary>Nothing of it is raised: the call throws <see cref="ChangeRefusedException"/>.</summary>
    Refuse,
}
