using Unstale.Boundary;

namespace Unstale.Queries;

/// <summary>Result that reports whether the operation succeeded.</summary>
public interface ISucceeded
{
    /// <summary>Whether the operation succeeded.</summary>
    bool IsSuccess { get; }
}

/// <summary>Distinguishes failures from other results, by <see cref="ISucceeded"/> and by the types that were added.</summary>
internal sealed class FailureResults
{
    private Func<object, bool>[] _tests = [static result => result is ISucceeded { IsSuccess: false }];

    /// <summary>Adds a result type, or a base type or interface of several result types.</summary>
    /// <param name="isFailure">Test that returns true for a failure.</param>
    /// <returns>This instance.</returns>
    public FailureResults Add<TResult>(Func<TResult, bool> isFailure)
    {
        ArgumentNullException.ThrowIfNull(isFailure);
        _tests = [.. _tests, result => result is TResult typed && isFailure(typed)];
        return this;
    }

    /// <summary>Returns whether the result is a failure. A test that throws is inconclusive.</summary>
    /// <param name="result">Result of the operation.</param>
    /// <param name="whenUnknown">Value to return if a test threw and no other test reported a failure.</param>
    internal bool IsFailure(object? result, bool whenUnknown)
    {
        if (result is null)
            return false;
        var isUnknown = false;
        foreach (var test in _tests)
        {
            isUnknown |= UserCode.Call(CallOut.Value, (test, result), static s => s.test(s.result), out var isFailure) is not null;
            if (isFailure)
                return true;
        }

        return isUnknown && whenUnknown;
    }
}
