namespace Unstale.Log;

/// <summary>State of the version reported by a record.</summary>
internal enum VersionState
{
    /// <summary>The version was not checked, or the record reports none.</summary>
    None,

    /// <summary>The version is the newest. A value of this version may be stored.</summary>
    Newest,

    /// <summary>A newer version may have been forgotten.</summary>
    Unknown,

    /// <summary>This version or a newer one was recorded before. The record was not appended.</summary>
    Superseded,
}
