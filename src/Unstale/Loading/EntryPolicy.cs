namespace Unstale.Loading;

/// <summary>Options of an entry that most entries do not have, in milliseconds. An object, so that the lifetime of other entries stays small.</summary>
/// <param name="FailSafeFor">Time after expiration for which memory keeps the value; 0: none.</param>
/// <param name="FailSafePause">Time without another load after a failed one.</param>
/// <param name="SoftTimeout">Time after which a caller receives the kept value; 0: no limit.</param>
/// <param name="Jitter">Maximum random time by which a loaded value expires earlier.</param>
internal sealed record EntryPolicy(long FailSafeFor, long FailSafePause, long SoftTimeout, long Jitter);
