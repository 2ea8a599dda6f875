using System.Globalization;

namespace Unstale.IntegrationTests.Redis.Scripts;

/// <summary>Record in the form of script arguments. Each target is "kind name".</summary>
internal sealed record ScriptRecord(string Id, string[] Targets)
{
    /// <summary>Version carried by the record. 0: none.</summary>
    public long Version { get; init; }

    /// <summary>Whether only the declared dependents named in the record are invalidated.</summary>
    public bool IsDirect { get; init; }

    /// <summary>Whether append_plain accepts the record.</summary>
    public bool IsPlain => Version == 0 && !IsDirect && Array.TrueForAll(Targets, static t => t.Split(' ')[0] is "key" or "tag" or "row");

    /// <summary>Keys named in the record.</summary>
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
