using Unstale.Log;

namespace Unstale.Redis.Channel;

/// <summary>The patterns of one service that wait for their turn, each once. Not safe for threads.</summary>
internal sealed class WaitingPatterns(string service, AcceptedNames names, int capacity)
{
    /// <summary>The number of patterns to which those merge for which no list names prefixes.</summary>
    public const int MostMerged = 16;

    private const string Reason = "patterns of a channel that came faster than they can be swept";

    private readonly OrderedDictionary<InvalidationTarget, WaitingPattern> _waiting = [];

    public int Count => _waiting.Count;

    /// <summary>Timestamp of the first of them; null when none waits.</summary>
    public long? Since => _waiting.Count > 0 ? _waiting.GetAt(0).Value.Since : null;

    /// <summary>Adds one. The same pattern takes the place of the one that waits, with the claim of the newer message.</summary>
    /// <returns>False when there was no room: prefixes wait in place of the patterns now.</returns>
    public bool Add(InvalidationTarget target, WaitingPattern pattern)
    {
        if (_waiting.TryGetValue(target, out var earlier))
        {
            _waiting[target] = pattern with { Since = earlier.Since, Prefixes = earlier.Prefixes };
            return true;
        }

        if (IsCovered(target))
        {
            return true;
        }

        _waiting.Add(target, pattern);
        if (_waiting.Count <= capacity)
        {
            return true;
        }

        foreach (var (prefix, instead) in TakeCollapsed())
        {
            _waiting.Add(prefix, instead);
        }

        return false;
    }

    public bool TryTake(out InvalidationTarget target, out WaitingPattern pattern)
    {
        (target, pattern) = _waiting.Count > 0 ? _waiting.GetAt(0) : default;
        return _waiting.Remove(target);
    }

    /// <summary>
    /// Takes all, as prefixes: the listed ones that cover them, and for others what they have in common. All-of tags become one of the
    /// tags. What is left has no prefix and comes from a rule of the cache: a regular expression, which becomes everything.
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

    /// <summary>A prefix that waits in the place of patterns covers those that come later.</summary>
    private bool IsCovered(InvalidationTarget target) => target.Pattern is GlobPattern glob && _waiting.Values.Any(
        waiting => waiting.Prefixes?.Any(prefix => glob.LiteralPrefix.StartsWith(prefix, StringComparison.Ordinal)) ?? false);
}

/// <summary>Where a waiting pattern came from.</summary>
/// <param name="Message">The id of the message; empty for none, and for prefixes in the place of patterns, which differ from node to node.</param>
/// <param name="Service">The name that the message gives its sender.</param>
/// <param name="Reason">The reason of its record.</param>
/// <param name="Since">Timestamp of its arrival.</param>
/// <param name="Prefixes">The prefixes that it stands for; null for a pattern as it came.</param>
internal readonly record struct WaitingPattern(string Message, string Service, string Reason, long Since, IReadOnlyList<string>? Prefixes = null);
