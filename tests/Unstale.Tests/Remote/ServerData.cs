using Unstale.Log;

namespace Unstale.Tests.Remote;

/// <summary>What a server replicates: the log's control fields, its stream, tags, values and leases.</summary>
public sealed class ServerData
{
    public Guid Run { get; set; }

    public Generation Generation { get; set; }

    public long Sequence { get; set; }

    public long LastId { get; set; }

    public long Floor { get; set; }

    public long NewestBroad { get; set; }

    /// <summary>From there on records of keys raise the keys' marks; before it no value carries any.</summary>
    public long? Dependencies { get; set; }

    /// <summary>What was told of the version of each key, and when.</summary>
    public Dictionary<string, StoredVersion> Versions { get; private init; } = new(StringComparer.Ordinal);

    /// <summary>What was told of versions since then is not forgotten, but by age.</summary>
    public long VersionsSince { get; set; }

    /// <summary>Patterns and all-ofs that no sweep has served yet.</summary>
    public List<(long Sequence, InvalidationTarget Target)> Broad { get; private init; } = [];

    public List<LoggedRecord> Log { get; private init; } = [];

    public Dictionary<string, long> Tags { get; private init; } = new(StringComparer.Ordinal);

    public Dictionary<string, StoredValue> Values { get; private init; } = new(StringComparer.Ordinal);

    public Dictionary<string, StoredLease> Leases { get; private init; } = new(StringComparer.Ordinal);

    /// <summary>The number of each node's newest connection.</summary>
    public Dictionary<int, int> Connections { get; private init; } = [];

    /// <summary>Where each node stood when it last confirmed.</summary>
    public Dictionary<int, LogMember> Members { get; private init; } = [];

    public ServerData Copy() => new()
    {
        Run = Run,
        Generation = Generation,
        Sequence = Sequence,
        LastId = LastId,
        Floor = Floor,
        NewestBroad = NewestBroad,
        Dependencies = Dependencies,
        Versions = new(Versions, StringComparer.Ordinal),
        VersionsSince = VersionsSince,
        Broad = [.. Broad],
        Log = [.. Log],
        Tags = new(Tags, StringComparer.Ordinal),
        Values = new(Values, StringComparer.Ordinal),
        Leases = new(Leases, StringComparer.Ordinal),
        Connections = new(Connections),
        Members = new(Members),
    };

    /// <summary>A record of a key writes one cell, one that takes only declared dependents that it names another. Of these a value looks at both if it was made from the key.</summary>
    private static string[] CellsOf(string tag) =>
        KeyMark.IsDeclared(tag) ? [tag[1..]] : KeyMark.Is(tag) ? [tag, "\0" + tag] : [tag];

    /// <summary>A tag was invalidated after the stamp, or a key that the value was made from was, or nobody can tell.</summary>
    public bool IsAbove(long stamp, IReadOnlyList<string> tags) =>
        (tags.Contains(KeyMark.AnyRecord) && Sequence > stamp) || tags.Any(t => CellsOf(t).Any(cell => Tags.GetValueOrDefault(cell) > stamp)) || (tags.Any(KeyMark.Is) && !(stamp >= Dependencies));
}

public sealed record StoredValue(
    ReadOnlyMemory<byte> Payload, Generation Generation, long Stamp, IReadOnlyList<string> Tags, long StoredAt, long ExpiresAt, long Version, long ContentVersion = 0, long Identity = 0)
{
    /// <summary>The sequence that it was found true as of by its tags, and when.</summary>
    public long Confirmed { get; init; }

    public long ConfirmedAt { get; init; }

    /// <summary>Tells it from others.</summary>
    public long Mark { get; init; }
}

/// <summary>What is known of a version, and from when on nobody needs to doubt that it is the highest.</summary>
public sealed record StoredVersion(long Version, long Sequence, long ToldAt, long SureFrom);

public sealed record StoredLease(string Token, long Sequence, long ExpiresAt);
