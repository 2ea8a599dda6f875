namespace Unstale.Boundary;

/// <summary>
/// Counts, for the whole process, the exceptions of external code that were caught and not rethrown. Counting calls no external code, so it cannot fail.
/// </summary>
internal static class CallOutFailures
{
    private static readonly CallOut[] All = Enum.GetValues<CallOut>();
    private static readonly long[] Counts = new long[All.Length];

    public static IReadOnlyList<CallOut> Kinds => All;

    public static void Count(CallOut kind) => Interlocked.Increment(ref Counts[(int)kind]);

    public static long CountOf(CallOut kind) => Interlocked.Read(ref Counts[(int)kind]);
}
