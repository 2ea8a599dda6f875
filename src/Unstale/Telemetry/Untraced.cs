namespace Unstale.Telemetry;

/// <summary>Starts what works for nobody in particular: the trace of whoever starts it, and all else that flows with a call, would flow with all of its work.</summary>
internal static class Untraced
{
    public static T Start<T>(Func<T> start)
    {
        if (ExecutionContext.IsFlowSuppressed())
            return start();
        using (ExecutionContext.SuppressFlow())
            return start();
    }
}
