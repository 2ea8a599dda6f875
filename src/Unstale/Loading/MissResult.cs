using System.Diagnostics;

namespace Unstale.Loading;

/// <summary>Result of a read that missed memory: a value and its source, or the value alone.</summary>
internal readonly struct MissResult<T>
{
    private readonly ValueTask<CacheResult<T>> _result;
    private readonly Task<T>? _value;

    public MissResult(ValueTask<CacheResult<T>> result) => _result = result;

    public MissResult(Task<T> value) => _value = value;

    public ValueTask<T> ValueAsync()
    {
        if (_value is not null)
            return new(_value);
        return _result.IsCompletedSuccessfully ? new(_result.Result.Value) : Awaited(_result);

        static async ValueTask<T> Awaited(ValueTask<CacheResult<T>> result) => (await result.ConfigureAwait(false)).Value;
    }

    /// <summary>
    /// Returns the value and its source, if the read requested both. The task of a load may be awaited only once and must not be blocked on; the
    /// returned task has no such limits.
    /// </summary>
    public ValueTask<CacheResult<T>> ResultAsync()
    {
        Debug.Assert(_value is null, "The read requested the value alone.");
        return _result.IsCompletedSuccessfully ? new(_result.Result) : Awaited(_result);

        static async ValueTask<CacheResult<T>> Awaited(ValueTask<CacheResult<T>> result) => await result.ConfigureAwait(false);
    }
}
