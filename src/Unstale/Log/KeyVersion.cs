namespace Unstale.Log;

/// <summary>Source version reported by a record of one key.</summary>
/// <param name="Cache">Cache of the key. Versions are stored per cache.</param>
/// <param name="Version">Version, from 1.</param>
internal sealed record KeyVersion(string Cache, long Version)
{
    /// <summary>
    /// Whether a value accompanies the record. A log that has this version of the key, or a newer one, does not append the record. For a log with a second
    /// level the second level decides. Not part of the record's format.
    /// </summary>
    public bool HasValue { get; init; }
}
