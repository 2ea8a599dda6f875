namespace Unstale.Sinks;

/// <summary>Kinds of names that a sink can remove.</summary>
[Flags]
public enum SinkCapabilities
{
    /// <summary>No kind.</summary>
    None = 0,

    /// <summary>Single keys. Without this capability a key is replaced by a prefix, or by everything.</summary>
    Keys = 1,

    /// <summary>Tags. Without this capability a tag is replaced by everything.</summary>
    Tags = 2,

    /// <summary>All keys that begin with a text.</summary>
    Prefixes = 4,

    /// <summary>All keys that match a <see cref="KeyPattern"/>. Without this capability a glob is replaced by its literal prefix, or by everything.</summary>
    Patterns = 8,

    /// <summary>Entries that carry all of several tags. Without this capability the tags are replaced by one of them, or by everything.</summary>
    AllOf = 16,

    /// <summary>All entries. A sink without this capability is refused unless <see cref="SinkOptions.AcceptsPartial"/> is set.</summary>
    Everything = 32,

    /// <summary>All capabilities.</summary>
    All = Keys | Tags | Prefixes | Patterns | AllOf | Everything,
}
