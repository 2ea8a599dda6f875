namespace Unstale.Boundary;

/// <summary>
/// The only way to a delegate or an object of the application whose exceptions do not belong to the caller of the moment. The exception
/// is counted and returned: what follows from it is decided where the call is made, and nothing that was begun there is left undone.
/// </summary>
internal static class UserCode
{
    /// <summary>Calls, and returns what the call threw; null if nothing.</summary>
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
    /// <param name="kind">What is called.</param>
    /// <param name="state">Given to <paramref name="call"/>.</param>
    /// <param name="call">The call.</param>
    /// <param name="result">What the call returned, or the type's default.</param>
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

    /// <summary>The message of an exception, whose type may be the application's; the name of the type if it has none to give.</summary>
    public static string MessageOf(Exception exception) =>
        Call(CallOut.Value, exception, static e => e.Message, out var message) is null && message is not null ? message : exception.GetType().Name;
}
