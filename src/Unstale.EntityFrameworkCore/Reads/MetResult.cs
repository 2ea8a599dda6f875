using System.Collections;
using System.Reflection;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Follows the result of an execution until all rows were read.</summary>
internal static class MetResult<TResult>
{
    private static readonly Func<TResult, MetKeys, TResult> Follower = Create();

    public static TResult Follow(TResult result, MetKeys met) => Follower(result, met);

    private static Func<TResult, MetKeys, TResult> Create()
    {
        var type = typeof(TResult);
        if (type.IsGenericType && type.GetGenericTypeDefinition() is var definition && (definition == typeof(IEnumerable<>) || definition == typeof(IAsyncEnumerable<>)))
        {
            return typeof(MetResult<TResult>).GetMethod(nameof(FollowRows), BindingFlags.NonPublic | BindingFlags.Static)!
                .MakeGenericMethod(type.GenericTypeArguments)
                .CreateDelegate<Func<TResult, MetKeys, TResult>>();
        }

        if (type == typeof(IEnumerable))
            return static (result, _) => result;
        return typeof(Task).IsAssignableFrom(type) ? FollowTask : FollowValue;
    }

    private static TResult FollowRows<T>(TResult result, MetKeys met) => (TResult)(object)new MetRows<T>(result!, met);

    private static TResult FollowTask(TResult result, MetKeys met)
    {
        met.EndWith((Task)(object)result!);
        return result;
    }

    private static TResult FollowValue(TResult result, MetKeys met)
    {
        met.End();
        return result;
    }
}
