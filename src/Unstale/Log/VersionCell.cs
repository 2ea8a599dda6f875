namespace Unstale.Log;

/// <summary>Recorded version of a key.</summary>
/// <param name="Version">Highest version; 0 for none.</param>
/// <param name="Sequence">Sequence of the record that reported the version.</param>
/// <param name="SureFrom">Time from which no higher version can have been forgotten.</param>
internal readonly record struct VersionCell(long Version, long Sequence, TimeSpan SureFrom);
