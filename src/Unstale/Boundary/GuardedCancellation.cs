namespace Unstale.Boundary;

/// <summary>
/// Must be used for every cancellation that may run callbacks of external code. All callbacks run. Their exceptions are counted, and the cancelling code
/// continues.
/// </summary>
internal static class GuardedCancellation
{
    /// <returns>Exceptions of the callbacks; null if there were none.</returns>
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

    /// <summary>Cancels like <see cref="Cancel"/>, with the callbacks on the thread pool.</summary>
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
