using System.Runtime.ExceptionServices;

namespace Unstale.Redis.Channel;

/// <summary>Keys that a batch can carry, and what refused the others: a broken list does not spare the keys that can be read.</summary>
/// <param name="Keys">The keys that count.</param>
/// <param name="Failure">The first refusal, or the exception of the list; null if every key counts.</param>
internal readonly record struct BatchKeys(List<string> Keys, ExceptionDispatchInfo? Failure)
{
    public static BatchKeys Read(IEnumerable<string> names)
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
