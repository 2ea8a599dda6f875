namespace Unstale;

/// <summary>Whether a held value would be given to a read.</summary>
public enum EntryState
{
    /// <summary>True and fresh.</summary>
    Live,

    /// <summary>True, past its <see cref="UnstaleEntryOptions.FreshFor"/>: served while a refresh runs behind.</summary>
    Stale,

    /// <summary>Past its expiration: never served.</summary>
    Expired,

    /// <summary>Invalidated: never served.</summary>
    Invalidated,

    /// <summary>Perhaps true, but this node cannot confirm it: served only as <see cref="UnstaleOptions.WhenNotTrusted"/> says.</summary>
    NotTrusted,

    /// <summary>Nothing is held. Only <see cref="UnstaleCache.ExplainAsync"/> says so; <see cref="UnstaleCache.Inspect"/> gives no answer then.</summary>
    Absent,
}
