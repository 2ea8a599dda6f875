using Unstale.Log;

namespace Unstale.Redis.Channel;

/// <summary>Waiting patterns of one service, without duplicates. Not thread-safe.</summary>
internal sealed class WaitingPatterns(string service, AcceptedNames names, int capacity)
{
    /// <summary>Maximum number of patterns after merging, where no list has prefixes.</summary>
    public const int MostMerged = 16;

    private const string Reason = "patterns of a channel arrived faster than they can be swept";

    private readonly OrderedDictionary<InvalidationTarget, WaitingPattern> _waiting = [];

    public int Count => _waiting.Count;

    /// <summary>Timestamp of the first waiting pattern; null if none waits.</summary>
    public long? Since => _waiting.Count > 0 ? _waiting.GetAt(0).Value.Since : null;

    /// <summary>Adds a pattern. An equal waiting pattern is replaced, and has the claim of the newer message.</summary>
    /// <returns>False if there was no room, so that prefixes now wait in place of the patterns.</returns>
    public bool Add(InvalidationTarget target, WaitingPattern pattern)
    {
        if (_waiting.TryGetValue(target, out var earlier))
        {
            _waiting[target] = pattern with { Since = earlier.Since, Prefixes = earlier.Prefixes };
            return true;
        }

        if (IsCovered(target))
            return true;

        _waiting.Add(target, pattern);
        if (_waiting.Count <= capacity)
            return true;

        foreach (var (prefix, instead) in TakeCollapsed())
            _waiting.Add(prefix, instead);

        return false;
    }

    public bool TryTake(out InvalidationTarget target, out WaitingPattern pattern)
    {
        (target, pattern) = _waiting.Count > 0 ? _waiting.GetAt(0) : default;
        return _waiting.Remove(target);
    }

    /// <summary>
    /// Removes all patterns and returns prefixes in their place: the listed ones that cover a pattern, and the common prefixes of the others. An all-of is
    /// replaced by one of its tags. The remaining case, a regular expression from a rule of the cache, has no prefix and becomes everything.
    /// </summary>
    public List<(InvalidationTarget Target, WaitingPattern Pattern)> TakeCollapsed()
    {
        var since = Since ?? 0;
        var prefixes = _waiting.SelectMany(static waiting => waiting.Value.Prefixes ?? (waiting.Key.Pattern is GlobPattern glob ? [glob.LiteralPrefix] : [])).ToList();
        var listed = prefixes.Select(prefix => names.Covering(service, prefix)).OfType<string>().Distinct(StringComparer.Ordinal).Select(PatternPrefixes.ToPattern);
        var merged = PatternPrefixes.Merge(prefixes.Where(prefix => names.Covering(service, prefix) is null), MostMerged);
        var tags = _waiting.Keys.Where(static target => target.Kind == TargetKind.AllOf).Select(static target => InvalidationTarget.ForTag(target.Tags[0]));
        var hasNoPrefix = prefixes.Contains("", StringComparer.Ordinal) || _waiting.Keys.Any(static target => target.Kind is TargetKind.Regex or TargetKind.Everything);
        var plain = new WaitingPattern("", service, Reason, since);
        _waiting.Clear();
        return hasNoPrefix
            ? [(InvalidationTarget.Everything, plain)]
            : [
                .. listed.Concat(merged).Select(prefix => (InvalidationTarget.ForPattern(prefix.Pattern), plain with { Prefixes = prefix.Prefixes })).DistinctBy(static one => one.Item1),
                .. tags.Distinct().Select(tag => (tag, plain)),
            ];
    }

    /// <summary>Whether a prefix that waits in place of earlier patterns covers this one.</summary>
    private bool IsCovered(InvalidationTarget target) => target.Pattern is GlobPattern glob && _waiting.Values.Any(
        waiting => waiting.Prefixes?.Any(prefix => glob.LiteralPrefix.StartsWith(prefix, StringComparison.Ordinal)) ?? false);
}

/// <summary>Origin of a waiting pattern.</summary>
/// <param name="Message">Id of the message; empty for none, and for prefixes in place of patterns, which differ from node to node.</param>
/// <param name="Service">Name of the sender in the message.</param>
/// <param name="Reason">Reason of the record.</param>
/// <param name="Since">Timestamp of arrival.</param>
/// <param name="Prefixes">Prefixes that the pattern represents; null for a pattern as received.</param>
internal readonly record struct WaitingPattern(string Message, string Service, string Reason, long Since, IReadOnlyList<string>? Prefixes = null);
