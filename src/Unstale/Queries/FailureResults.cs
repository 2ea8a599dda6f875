using Unstale.Boundary;

namespace Unstale.Queries;

/// <summary>A result that says whether the operation succeeded.</summary>
public interface ISucceeded
{
    /// <summary>False: the operation failed.</summary>
    bool IsSuccess { get; }
}

/// <summary>Tells results that say "failed" from others: <see cref="ISucceeded"/>, and the types that were added.</summary>
public sealed class FailureResults
{
    private Func<object, bool>[] _tests = [static result => result is ISucceeded { IsSuccess: false }];

    /// <summary>Adds a type of results, or a base type or interface of several.</summary>
    /// <param name="isFailure">True for a result that says "failed".</param>
    /// <returns>This.</returns>
    public FailureResults Add<TResult>(Func<TResult, bool> isFailure)
    {
        ArgumentNullException.ThrowIfNull(isFailure);
        _tests = [.. _tests, result => result is TResult typed && isFailure(typed)];
        return this;
    }

    /// <summary>Whether the result says "failed". A test that throws decides nothing.</summary>
    /// <param name="result">What the operation returned.</param>
    /// <param name="whenUnknown">The answer where a test threw and no other said "failed".</param>
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
