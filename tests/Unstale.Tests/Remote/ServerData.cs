using Unstale.Log;
using Unstale.Values;

namespace Unstale.Tests.Remote;

/// <summary>Replicated data of a server: control fields of the log, stream, tags, values and leases.</summary>
internal sealed class ServerData
{
    public Guid Run { get; set; }

    public Generation Generation { get; set; }

    public long Sequence { get; set; }

    public long LastId { get; set; }

    public long Floor { get; set; }

    public long NewestSelector { get; set; }

    /// <summary>Sequence from which records of keys raise their marks. No earlier value carries a mark.</summary>
    public long? Dependencies { get; set; }

    /// <summary>Highest version passed for each key, with its time.</summary>
    public Dictionary<string, StoredVersion> Versions { get; private init; } = new(StringComparer.Ordinal);

    /// <summary>Time since which versions are forgotten only by age.</summary>
    public long VersionsSince { get; set; }

    /// <summary>Selectors not yet swept.</summary>
    public List<(long Sequence, InvalidationTarget Target)> Selector { get; private init; } = [];

    public List<LoggedRecord> Log { get; private init; } = [];

    public Dictionary<string, long> Tags { get; private init; } = new(StringComparer.Ordinal);

    public Dictionary<string, StoredValue> Values { get; private init; } = new(StringComparer.Ordinal);

    public Dictionary<string, StoredLease> Leases { get; private init; } = new(StringComparer.Ordinal);

    /// <summary>Number of each node's newest connection.</summary>
    public Dictionary<int, int> Connections { get; private init; } = [];

    /// <summary>Position of each node at its last confirmation.</summary>
    public Dictionary<int, LogMember> Members { get; private init; } = [];

    public ServerData Copy() => new()
    {
        Run = Run,
        Generation = Generation,
        Sequence = Sequence,
        LastId = LastId,
        Floor = Floor,
        NewestSelector = NewestSelector,
        Dependencies = Dependencies,
        Versions = new(Versions, StringComparer.Ordinal),
        VersionsSince = VersionsSince,
        Selector = [.. Selector],
        Log = [.. Log],
        Tags = new(Tags, StringComparer.Ordinal),
        Values = new(Values, StringComparer.Ordinal),
        Leases = new(Leases, StringComparer.Ordinal),
        Connections = new(Connections),
        Members = new(Members),
    };

    /// <summary>
    /// Returns the cells that a tag of a value is compared with. A record of a key writes one cell, and a record limited to the declared dependents
    /// named in it writes another. A value derived from the key is compared with both.
    /// </summary>
    private static string[] CellsOf(string tag) =>
        DependencyTag.IsDeclared(tag) ? [tag[1..]] : DependencyTag.Is(tag) ? [tag, "\0" + tag] : [tag];

    /// <summary>True if a tag, or a key from which the value was derived, was invalidated after the stamp, or if that cannot be decided.</summary>
    public bool IsAbove(long stamp, IReadOnlyList<string> tags) =>
        (tags.Contains(DependencyTag.AnyRecord) && Sequence > stamp) || tags.Any(t => CellsOf(t).Any(cell => Tags.GetValueOrDefault(cell) > stamp)) || (tags.Any(DependencyTag.Is) && !(stamp >= Dependencies));
}

internal sealed record StoredValue(
    ReadOnlyMemory<byte> Payload, Generation Generation, long Stamp, IReadOnlyList<string> Tags, long StoredAt, long ExpiresAt, long Version, long ContentVersion = 0, long Identity = 0)
{
    /// <summary>Sequence at which the value was confirmed by its tags.</summary>
    public long Confirmed { get; init; }

    public long ConfirmedAt { get; init; }

    /// <summary>Identifies this copy of the value.</summary>
    public long Mark { get; init; }
}

/// <summary>A version of a key, and the time from which the version is certainly the highest.</summary>
internal sealed record StoredVersion(long Version, long Sequence, long ReportedAt, long SureFrom);

internal sealed record StoredLease(string Token, long Sequence, long ExpiresAt);
