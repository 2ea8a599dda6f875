using System.Globalization;
using System.Text;
using Unstale.Log;
using Unstale.Redis.Log;

namespace Unstale.Redis.SecondLevel;

/// <summary>Selectors applied by one sweep, as listed at its beginning. An unreadable selector matches everything.</summary>
internal sealed class PendingSelectors
{
    private readonly List<(long Sequence, KeyPattern Pattern)> _patterns = [];
    private readonly List<(long Sequence, IReadOnlyList<string> Tags)> _allOfs = [];
    private long _everything;

    /// <param name="newest">Newest sequence at the beginning of the sweep.</param>
    /// <param name="text">Selectors as listed by the server.</param>
    public PendingSelectors(long newest, ReadOnlySpan<byte> text)
    {
        Newest = newest;
        var selectors = new SelectorListReader(text);
        while (selectors.TryNext())
        {
            var isRead = TargetFormat.TryRead(selectors.Kind, selectors.Text, out var target);
            Add(isRead ? target : InvalidationTarget.Everything, selectors.Sequence);
        }

        if (selectors.HasMore)
            _everything = newest;

        _patterns.Sort(static (a, b) => b.Sequence.CompareTo(a.Sequence));
    }

    public long Newest { get; }

    public IReadOnlyList<(long Sequence, IReadOnlyList<string> Tags)> AllOfs => _allOfs;

    /// <summary>
    /// Returns the sequences of the patterns that match the key, newest first and separated by spaces; an empty text if none matches. Only the scripts
    /// see the tags.
    /// </summary>
    public string Match(ReadOnlySpan<char> key)
    {
        var sequences = "";
        foreach (var (sequence, pattern) in _patterns)
        {
            if (sequence > _everything && pattern.IsMatch(key))
                sequences = With(sequences, sequence);
        }

        return _everything > 0 ? With(sequences, _everything) : sequences;
    }

    /// <summary>
    /// Returns the pattern for SCAN, in any cache. The pattern contains only the common prefix of all matching keys, because the server's own matcher
    /// treats bytes as characters.
    /// </summary>
    public byte[] Scan(string values)
    {
        var prefix = _everything > 0 || _allOfs.Count > 0 ? "" : CommonPrefix();
        return Encoding.UTF8.GetBytes(prefix.Length == 0 ? $"{GlobPattern.Escape(values)}*" : $"{GlobPattern.Escape(values)}*:{GlobPattern.Escape(prefix)}*");
    }

    private void Add(in InvalidationTarget target, long sequence)
    {
        switch (target.Kind)
        {
            case TargetKind.Glob or TargetKind.Regex:
                _patterns.Add((sequence, target.Pattern!));
                break;
            case TargetKind.AllOf:
                _allOfs.Add((sequence, target.Tags));
                break;
            default:
                _everything = Math.Max(_everything, sequence);
                break;
        }
    }

    private static string With(string sequences, long sequence) =>
        sequences.Length == 0 ? sequence.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{sequences} {sequence}");

    private string CommonPrefix()
    {
        string? common = null;
        foreach (var (_, pattern) in _patterns)
        {
            var prefix = (pattern as GlobPattern)?.LiteralPrefix ?? "";
            common = common is null ? prefix : common[..common.AsSpan().CommonPrefixLength(prefix)];
        }

        // Two characters may share the same high surrogate.
        return common is [.. var whole, >= '\uD800' and <= '\uDBFF'] ? whole : common ?? "";
    }
}
