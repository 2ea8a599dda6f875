using System.ComponentModel;

namespace Unstale.EntityFrameworkCore.AllQueries;

/// <summary>Rows of one command, as values of the provider. Each execution makes objects of its own from them.</summary>
/// <param name="names">Names of the columns.</param>
/// <param name="rows">Values of the rows; null for an SQL null.</param>
[ImmutableObject(true)]
internal sealed class CachedRows(string[] names, List<object?[]> rows)
{
    private const int BytesOfObject = 24;

    /// <summary>Result that is not cached: it is too large, or the types of its columns are not known. Each caller executes the command.</summary>
    public static CachedRows None { get; } = new([], []);

    public string[] Names => names;

    public int Count => rows.Count;

    public object? this[int row, int column] => rows[row][column];

    /// <summary>Returns the approximate size in memory, in bytes.</summary>
    public long Size() => rows.Sum(static row => BytesOfObject + row.Sum(static value => BytesOfObject + value switch
    {
        string text => 2L * text.Length,
        byte[] bytes => bytes.Length,
        _ => 0,
    }));
}
