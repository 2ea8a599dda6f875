using System.Globalization;

namespace Unstale.IntegrationTests.Redis.Scripts;

/// <summary>A record as a script takes it; each target is "kind name".</summary>
internal sealed record ScriptRecord(string Id, string[] Targets)
{
    public IEnumerable<string> Arguments =>
    [
        "8", (2 * Targets.Length).ToString(CultureInfo.InvariantCulture), "f", "1", "id", Id, "at", "1", "by", "n1 shop", .. Targets.SelectMany(t => t.Split(' ', 2)),
    ];
}
