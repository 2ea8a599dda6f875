using Xunit.Sdk;

namespace Unstale.Tests.Conformance;

/// <summary>Outcomes as short texts.</summary>
internal static class Outcome
{
    /// <summary>Whether an exception is an outcome of the call under test, and not a failure of the test itself.</summary>
    public static bool IsOne(Exception exception) => exception is not IAssertionException;

    public static string Of(Exception exception) => $"throws {exception.GetType().Name}";

    public static string Join(string[] names) => names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} and {names[^1]}";

    /// <summary>Runs a call and reports whether it throws.</summary>
    public static async Task<string> OfAsync(Func<ValueTask> call)
    {
        try
        {
            await call();
            return "returns";
        }
        catch (Exception exception) when (IsOne(exception))
        {
            return Of(exception);
        }
    }

    /// <summary>Runs a call and reports the result or the exception.</summary>
    public static async Task<string> OfAsync<T>(Func<ValueTask<T>> call)
    {
        try
        {
            return $"{await call()}";
        }
        catch (Exception exception) when (IsOne(exception))
        {
            return Of(exception);
        }
    }

    /// <inheritdoc cref="OfAsync{T}(Func{ValueTask{T}})"/>
    public static Task<string> OfAsync(Task<string> call) => OfAsync(() => new ValueTask<string>(call));

    /// <summary>Waits for a task and returns its exception; null for none.</summary>
    public static async Task<Exception?> FailureOfAsync(Task task)
    {
        try
        {
            await task;
            return null;
        }
        catch (Exception exception) when (IsOne(exception))
        {
            return exception;
        }
    }
}
