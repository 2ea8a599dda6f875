using System.Reflection;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Wraps the results of plans that are read row by row: <see cref="IEnumerable{T}"/> and <see cref="IAsyncEnumerable{T}"/>.</summary>
internal static class RowsResult
{
    /// <summary>Returns the call that wraps a result. Returns null for another type of result.</summary>
    /// <typeparam name="TResult">Type of the result.</typeparam>
    /// <typeparam name="TState">Type of the second argument.</typeparam>
    /// <param name="owner">Type with the methods.</param>
    /// <param name="rows">Name of the static method for rows, generic over their type.</param>
    /// <param name="asyncRows">Name of the static method for rows read asynchronously.</param>
    public static Func<TResult, TState, TResult>? Wrapper<TResult, TState>(Type owner, string rows, string asyncRows)
    {
        var type = typeof(TResult);
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        var name = definition == typeof(IEnumerable<>) ? rows : definition == typeof(IAsyncEnumerable<>) ? asyncRows : null;
        return name is null
            ? null
            : owner.GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type.GenericTypeArguments).CreateDelegate<Func<TResult, TState, TResult>>();
    }
}
