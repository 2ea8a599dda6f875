namespace Unstale.Targets;

/// <summary>What a target can be told to forget.</summary>
[Flags]
public enum TargetAbilities
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Single keys. Without it a key becomes a prefix, or everything.</summary>
    Keys = 1,

    /// <summary>Tags. Without it a tag becomes everything.</summary>
    Tags = 2,

    /// <summary>All keys that begin with a text.</summary>
    Prefixes = 4,

    /// <summary>All keys that a <see cref="KeyPattern"/> matches. Without it a glob becomes the prefix that it begins with, or everything.</summary>
    Patterns = 8,

    /// <summary>Entries that carry all of several tags. Without it that becomes one of these tags, or everything.</summary>
    AllOf = 16,

    /// <summary>All it holds. A target without it is refused unless <see cref="TargetOptions.AcceptsPartial"/> is set.</summary>
    Everything = 32,

    /// <summary>All of these.</summary>
    All = Keys | Tags | Prefixes | Patterns | AllOf | Everything,
}
