using System.Runtime.ExceptionServices;
using Unstale.Values;

namespace Unstale.Redis.Channel;

/// <summary>Valid keys of a batch, and the failure of the others. A list that fails midway does not discard the keys read before.</summary>
/// <param name="Keys">Valid keys.</param>
/// <param name="Failure">First invalid key, or the exception of the list; null if every key is valid.</param>
internal readonly record struct BatchKeys(List<string> Keys, ExceptionDispatchInfo? Failure)
{
    public static BatchKeys Classify(IEnumerable<string> names)
    {
        var keys = new List<string>();
        ExceptionDispatchInfo? failure = null;
        var at = 0;
        try
        {
            foreach (var name in names)
            {
                if (name is null || CacheNames.HalfPairIn(name) >= 0)
                {
                    failure ??= ExceptionDispatchInfo.Capture(Errors.KeyOfBatch(at));
                }
                else
                {
                    keys.Add(name);
                }

                at++;
            }
        }
        catch (Exception exception)
        {
            failure ??= ExceptionDispatchInfo.Capture(exception);
        }

        return new(keys, failure);
    }
}
