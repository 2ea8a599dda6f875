using System.Globalization;

namespace Unstale.IntegrationTests.Redis.Scripts;

/// <summary>A record as a script takes it; each target is "kind name".</summary>
internal sealed record ScriptRecord(string Id, string[] Targets)
{
    /// <summary>The version that it tells of, 0 for none.</summary>
    public long Version { get; init; }

    /// <summary>Whether it takes only the declared dependents that it names.</summary>
    public bool IsDirect { get; init; }

    /// <summary>Whether the short script takes it.</summary>
    public bool IsPlain => Version == 0 && !IsDirect && Array.TrueForAll(Targets, static t => t.Split(' ')[0] is "key" or "tag");

    /// <summary>The keys that it names.</summary>
    public IEnumerable<string> Keys => Targets.Where(static t => t.StartsWith("key ", StringComparison.Ordinal)).Select(static t => t[4..]);

    public IEnumerable<string> Arguments =>
    [
        (8 + (Version == 0 ? 0 : 2) + (IsDirect ? 2 : 0)).ToString(CultureInfo.InvariantCulture), (2 * Targets.Length).ToString(CultureInfo.InvariantCulture), .. Strings,
    ];

    public IEnumerable<string> Strings =>
    [
        "f", "1", "id", Id, "at", "1", "by", "n1 shop",
        .. IsDirect ? new[] { "how", "direct" } : [],
        .. Version == 0 ? [] : new[] { "ver", $"{Version:D19} {ScriptRig.Cache}" }, .. Targets.SelectMany(t => t.Split(' ', 2)),
    ];
}
