using System.Globalization;

namespace Unstale;

/// <summary>
/// A place in an invalidation log. A value that is true as of a position reflects every invalidation up to it.
/// Positions of one partition and one generation are ordered; others are not, so there is no <see cref="IComparable"/>:
/// ask <see cref="TryCompare"/>.
/// </summary>
/// <param name="Partition">The partition of the log, from 0.</param>
/// <param name="Generation">The history that the sequence counts in.</param>
/// <param name="Sequence">Dense, from 1; 0 is "before the first record".</param>
public readonly record struct LogPosition(int Partition, Generation Generation, long Sequence) : IParsable<LogPosition>
{
    /// <summary>The longest text of a position: 10 digits, 32, 19, and the dashes.</summary>
    internal const int MaximumLength = 63;

    /// <summary>Compares two positions of one history.</summary>
    /// <param name="other">The position to compare with.</param>
    /// <param name="order">Below, at or above zero when this position is before, at or after <paramref name="other"/>.</param>
    /// <returns>False when the two have no order: another partition or another generation.</returns>
    public bool TryCompare(LogPosition other, out int order)
    {
        order = Sequence.CompareTo(other.Sequence);
        return Partition == other.Partition && Generation == other.Generation;
    }

    /// <summary><c>partition-generation-sequence</c>, for example <c>0-6f…c1-42</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Partition}-{Generation}-{Sequence}");

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException">The text is no position.</exception>
    public static LogPosition Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var position) ? position : throw Errors.PositionFormat(s);

    /// <summary>Reads what <see cref="ToString"/> wrote; false for any other text.</summary>
    public static bool TryParse(string? s, IFormatProvider? provider, out LogPosition result)
    {
        result = default;
        if (s is null || s.Length > MaximumLength)
            return false;
        var parts = s.Split('-');
        if (parts.Length != 3
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
            || !Generation.TryParse(parts[1], provider, out var generation)
            || !long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
        {
            return false;
        }

        result = new LogPosition(partition, generation, sequence);
        return true;
    }
}
