namespace Unstale.Boundary;

/// <summary>
/// The only way to cancel what code outside the product may have registered callbacks for. All callbacks run; what they throw is
/// counted, and the code that cancels goes on.
/// </summary>
internal static class GuardedCancellation
{
    /// <returns>What the callbacks threw; null if nothing.</returns>
    public static Exception? Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
            return null;
        }
        catch (AggregateException exception)
        {
            CallOutFailures.Count(CallOut.Cancellation);
            return exception;
        }
    }

    /// <summary>The same, with the callbacks on the thread pool.</summary>
    public static async ValueTask<Exception?> CancelAsync(CancellationTokenSource source)
    {
        try
        {
            await source.CancelAsync().ConfigureAwait(false);
            return null;
        }
        catch (AggregateException exception)
        {
            CallOutFailures.Count(CallOut.Cancellation);
            return exception;
        }
    }
}
