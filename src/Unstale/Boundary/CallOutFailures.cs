namespace Unstale.Boundary;

/// <summary>
/// Counts exceptions of code outside the product that were caught and not handed on, for the whole process. Counting calls nothing
/// outside, so it cannot fail in turn.
/// </summary>
internal static class CallOutFailures
{
    private static readonly CallOut[] All = Enum.GetValues<CallOut>();
    private static readonly long[] Counts = new long[All.Length];

    public static IReadOnlyList<CallOut> Kinds => All;

    public static void Count(CallOut kind) => Interlocked.Increment(ref Counts[(int)kind]);

    public static long Of(CallOut kind) => Interlocked.Read(ref Counts[(int)kind]);
}
