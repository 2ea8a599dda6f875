namespace Unstale.Analyzers.Tags;

/// <summary>Number of letters to insert, remove, replace or exchange with their neighbour.</summary>
internal static class EditDistance
{
    /// <summary>Returns whether two texts differ by at most the given number of edits. The cost is bounded by the product of the lengths.</summary>
    public static bool Within(string one, string other, int limit)
    {
        if (Math.Abs(one.Length - other.Length) > limit)
            return false;
        var (before, previous, current) = (new int[other.Length + 1], new int[other.Length + 1], new int[other.Length + 1]);
        for (var column = 0; column <= other.Length; column++)
            previous[column] = column;
        for (var row = 1; row <= one.Length; row++)
        {
            current[0] = row;
            for (var column = 1; column <= other.Length; column++)
            {
                var replaced = previous[column - 1] + (one[row - 1] == other[column - 1] ? 0 : 1);
                current[column] = Math.Min(replaced, Math.Min(previous[column], current[column - 1]) + 1);
                if (row > 1 && column > 1 && one[row - 1] == other[column - 2] && one[row - 2] == other[column - 1])
                    current[column] = Math.Min(current[column], before[column - 2] + 1);
            }

            (before, previous, current) = (previous, current, before);
        }

        return previous[other.Length] <= limit;
    }
}
