using System.Collections;
using System.Text.Json.Serialization;
using Unstale.Values;

namespace Unstale;

/// <summary>
/// Set of positions in a log, at most one for each partition: the progress of one invalidation or of one session. Immutable. For
/// read-your-own-writes, merge the positions of a session's writes, send the text to the client, and pass the returned text to
/// <see cref="UnstaleCache.WaitForPositionAsync(string, TimeSpan?, CancellationToken)"/> on any node.
/// </summary>
[JsonConverter(typeof(TextJsonConverter<LogPositions>))]
public sealed class LogPositions : IReadOnlyCollection<LogPosition>, IEquatable<LogPositions>, IParsable<LogPositions>
{
    /// <summary>Maximum length of a parsed text, in characters: 1,024 positions. A limit is needed because clients may send any text.</summary>
    private const int MaximumLength = 1024 * (LogPosition.MaximumLength + 1);

    private readonly LogPosition[] _positions;

    private LogPositions(LogPosition[] positions) => _positions = positions;

    /// <summary>Empty set. Its text is empty.</summary>
    public static LogPositions Empty { get; } = new([]);

    /// <inheritdoc/>
    public int Count => _positions.Length;

    /// <summary>Returns a set of one position.</summary>
    public static LogPositions Of(LogPosition position) => new([position]);

    /// <summary>
    /// Returns the union of both sets. For a partition in both sets, the later position is used; if the two have no order (different generations),
    /// the one of <paramref name="newer"/>.
    /// </summary>
    /// <param name="newer">More recent set.</param>
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

    /// <summary>Returns the positions separated by commas, in partition order.</summary>
    public override string ToString() => string.Join(',', _positions);

    /// <summary>Parses the text returned by <see cref="ToString"/>.</summary>
    /// <exception cref="FormatException">The text is not a list of positions, or contains a partition twice.</exception>
    public static LogPositions Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var positions) ? positions : throw Errors.PositionFormat(s);

    /// <summary>
    /// Parses the text returned by <see cref="ToString"/>. Returns false for any other text, and for a text of more than 65,536 characters.
    /// </summary>
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
