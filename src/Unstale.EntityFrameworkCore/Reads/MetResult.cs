using System.Collections;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Follows the result of an execution until all rows were read.</summary>
internal static class MetResult<TResult>
{
    private static readonly Func<TResult, MetKeys, TResult> Follower = Create();

    public static TResult Follow(TResult result, MetKeys met) => Follower(result, met);

    private static Func<TResult, MetKeys, TResult> Create()
    {
        if (RowsResult.Wrapper<TResult, MetKeys>(typeof(MetResult<TResult>), nameof(FollowRows), nameof(FollowRows)) is { } rows)
            return rows;
        if (typeof(TResult) == typeof(IEnumerable))
            return static (result, _) => result;
        return typeof(Task).IsAssignableFrom(typeof(TResult)) ? FollowTask : FollowValue;
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
