namespace Unstale.Boundary;

/// <summary>
/// Must be used for every call to a delegate or object of the application whose exceptions do not concern the current caller. The exception is counted and
/// returned. The calling code decides on the consequences, and completes all work already begun.
/// </summary>
internal static class UserCode
{
    /// <summary>Calls a delegate and returns its exception; null if the call succeeded.</summary>
    public static Exception? Call<TState>(CallOut kind, TState state, Action<TState> call)
    {
        try
        {
            call(state);
            return null;
        }
        catch (Exception exception)
        {
            CallOutFailures.Count(kind);
            return exception;
        }
    }

    /// <inheritdoc cref="Call{TState}"/>
    /// <param name="kind">Kind of the called code.</param>
    /// <param name="state">State passed to <paramref name="call"/>.</param>
    /// <param name="call">Delegate to call.</param>
    /// <param name="result">Result of the call; the default of the type if the call threw.</param>
    public static Exception? Call<TState, T>(CallOut kind, TState state, Func<TState, T> call, out T result)
    {
        try
        {
            result = call(state);
            return null;
        }
        catch (Exception exception)
        {
            CallOutFailures.Count(kind);
            result = default!;
            return exception;
        }
    }

    /// <inheritdoc cref="Call{TState}"/>
    public static async ValueTask<Exception?> CallAsync<TState>(CallOut kind, TState state, Func<TState, ValueTask> call)
    {
        try
        {
            await call(state).ConfigureAwait(false);
            return null;
        }
        catch (Exception exception)
        {
            CallOutFailures.Count(kind);
            return exception;
        }
    }

    /// <summary>
    /// Returns the message of an exception, whose type may belong to the application. Returns the name of the type if the message is null or throws.
    /// </summary>
    public static string MessageOf(Exception exception) =>
        Call(CallOut.Value, exception, static e => e.Message, out var message) is null && message is not null ? message : exception.GetType().Name;
}
