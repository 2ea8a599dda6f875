namespace Unstale.Log;

/// <summary>The version of the source that a record of one key tells of.</summary>
/// <param name="Cache">The cache whose key it is: versions are kept for each cache.</param>
/// <param name="Version">The version, from 1 on.</param>
public sealed record KeyVersion(string Cache, long Version)
{
    /// <summary>
    /// A value goes with the record: a local log that knows this version of the key, or a newer one, does not append it. Of a shared log the
    /// second level decides that. It is no part of the record's format.
    /// </summary>
    public bool HasValue { get; init; }
}
