using System.Text.Json.Serialization;

namespace Unstale;

/// <summary>State of the entry of a key, and whether a read would be served.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EntryState>))]
public enum EntryState
{
    /// <summary>Valid and fresh.</summary>
    Live,

    /// <summary>Valid, but older than its <see cref="UnstaleEntryOptions.FreshFor"/>. Served while a refresh runs in the background.</summary>
    Stale,

    /// <summary>Expired. Never served.</summary>
    Expired,

    /// <summary>Invalidated. Not served, unless a rule with <see cref="Rules.InvalidationRule.ServeStaleOnce"/> permits one more read.</summary>
    Invalidated,

    /// <summary>Possibly valid, but the log has not confirmed this node. Served only as <see cref="UnstaleOptions.WhenNotTrusted"/> allows.</summary>
    NotTrusted,

    /// <summary>No entry in memory.</summary>
    Absent,
}
