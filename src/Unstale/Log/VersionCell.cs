namespace Unstale.Log;

/// <summary>What is known of a key's version.</summary>
/// <param name="Version">The highest, 0 for none.</param>
/// <param name="Sequence">The record that told of it.</param>
/// <param name="SureFrom">From then on nothing higher can have been forgotten.</param>
internal readonly record struct VersionCell(long Version, long Sequence, TimeSpan SureFrom);
