using System.Collections;

namespace Unstale;

/// <summary>
/// A sparse vector of positions, at most one a partition: where one event, or one session, stands in a log. Immutable.
/// </summary>
public sealed class LogPositions : IReadOnlyCollection<LogPosition>, IEquatable<LogPositions>, IParsable<LogPositions>
{
    /// <summary>The longest text that is read, in characters: 1,024 positions. A client may bring any text.</summary>
    private const int MaximumLength = 1024 * (LogPosition.MaximumLength + 1);

    private readonly LogPosition[] _positions;

    private LogPositions(LogPosition[] positions) => _positions = positions;

    /// <summary>No position at all; its text is empty.</summary>
    public static LogPositions Empty { get; } = new([]);

    /// <inheritdoc/>
    public int Count => _positions.Length;

    /// <summary>The vector that holds one position.</summary>
    public static LogPositions Of(LogPosition position) => new([position]);

    /// <summary>
    /// Both vectors in one. Where both know a partition, the later position wins; where those have no order (two generations),
    /// the one of <paramref name="newer"/> does.
    /// </summary>
    public LogPositions Merge(LogPositions newer)
    {
        ArgumentNullException.ThrowIfNull(newer);
        var merged = _positions.ToDictionary(p => p.Partition);
        foreach (var position in newer._positions)
        {
            var known = merged.TryGetValue(position.Partition, out var mine);
            if (!known || !mine.TryCompare(position, out var order) || order < 0)
                merged[position.Partition] = position;
        }

        return new([.. merged.Values.OrderBy(p => p.Partition)]);
    }

    /// <summary>The positions, comma separated, by partition.</summary>
    public override string ToString() => string.Join(',', _positions);

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException">The text is no list of positions, or names a partition twice.</exception>
    public static LogPositions Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var positions) ? positions : throw Errors.PositionFormat(s);

    /// <summary>Reads what <see cref="ToString"/> wrote; false for any other text, and for one of more than 65,536 characters.</summary>
    public static bool TryParse([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] string? s, IFormatProvider? provider, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out LogPositions result)
    {
        result = null;
        if (s is null || s.Length > MaximumLength)
            return false;
        var parsed = new SortedDictionary<int, LogPosition>();
        foreach (var part in s.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!LogPosition.TryParse(part, provider, out var position) || !parsed.TryAdd(position.Partition, position))
                return false;
        }

        result = new([.. parsed.Values]);
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(LogPositions? other) => other is not null && _positions.AsSpan().SequenceEqual(other._positions);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LogPositions);

    /// <inheritdoc/>
    public override int GetHashCode() => _positions.Aggregate(_positions.Length, HashCode.Combine);

    /// <inheritdoc/>
    public IEnumerator<LogPosition> GetEnumerator() => _positions.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
