namespace Unstale.Log;

/// <summary>What is known of the version that a record tells of.</summary>
public enum VersionState
{
    /// <summary>Nobody looked, or it tells of none.</summary>
    None,

    /// <summary>It is the newest: a value of it may be kept.</summary>
    Newest,

    /// <summary>A newer one may have been forgotten.</summary>
    Unknown,

    /// <summary>It, or a newer one, was known before: the record was not appended.</summary>
    Superseded,
}
