using System.Globalization;
using System.Text.Json.Serialization;
using Unstale.Values;

namespace Unstale;

/// <summary>
/// Position in an invalidation log. A value true as of a position reflects every invalidation up to the position. Only positions of the same
/// partition and generation are ordered, so the type does not implement <see cref="IComparable"/>: use <see cref="TryCompare"/>.
/// </summary>
/// <param name="Partition">Partition of the log, from 0.</param>
/// <param name="Generation">History in which the sequence counts.</param>
/// <param name="Sequence">Number of the record in the history: dense, from 1. 0 is the position before the first record.</param>
[JsonConverter(typeof(TextJsonConverter<LogPosition>))]
public readonly record struct LogPosition(int Partition, Generation Generation, long Sequence) : IParsable<LogPosition>
{
    /// <summary>Maximum length of the text of a position: 10 + 32 + 19 digits, and two dashes.</summary>
    internal const int MaximumLength = 63;

    /// <summary>Compares two positions of the same partition and generation.</summary>
    /// <param name="other">Position to compare with.</param>
    /// <param name="order">Less than, equal to or greater than zero if this position is before, at or after <paramref name="other"/>.</param>
    /// <returns>True if the positions are ordered; false if partition or generation differ.</returns>
    public bool TryCompare(LogPosition other, out int order)
    {
        order = Sequence.CompareTo(other.Sequence);
        return Partition == other.Partition && Generation == other.Generation;
    }

    /// <summary>Returns the position as <c>partition-generation-sequence</c>, for example <c>0-6f…c1-42</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Partition}-{Generation}-{Sequence}");

    /// <summary>Parses the text returned by <see cref="ToString"/>.</summary>
    /// <exception cref="FormatException">The text is not a position.</exception>
    public static LogPosition Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var position) ? position : throw Errors.PositionFormat(s);

    /// <summary>Parses the text returned by <see cref="ToString"/>. Returns false for any other text.</summary>
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
