using System.Collections;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Follows the result of an execution until all rows were read.</summary>
internal static class MetResult<TResult>
{
    private static readonly Func<TResult, MetValues, TResult> Follower = Create();

    public static TResult Follow(TResult result, MetValues met) => Follower(result, met);

    private static Func<TResult, MetValues, TResult> Create()
    {
        if (RowsResult.Wrapper<TResult, MetValues>(typeof(MetResult<TResult>), nameof(FollowRows), nameof(FollowRows)) is { } rows)
            return rows;
        if (typeof(TResult) == typeof(IEnumerable))
            return static (result, _) => result;
        return typeof(Task).IsAssignableFrom(typeof(TResult)) ? FollowTask : FollowValue;
    }

    private static TResult FollowRows<T>(TResult result, MetValues met) => (TResult)(object)new MetRows<T>(result!, met);

    private static TResult FollowTask(TResult result, MetValues met)
    {
        met.EndWith((Task)(object)result!);
        return result;
    }

    private static TResult FollowValue(TResult result, MetValues met)
    {
        met.End();
        return result;
    }
}
