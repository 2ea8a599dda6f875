using System.Collections.Immutable;
using Unstale.Horizon;
using Unstale.Log;

namespace Unstale.Tests.Model.Simulation;

/// <summary>What a server holds and replicates. Never changed in place, so a copy is free.</summary>
internal sealed record ServerData
{
    public int Run { get; init; } = -1;

    public long ReplicationId { get; init; }

    public Generation Generation { get; init; }

    public long Sequence { get; init; }

    public long LastId { get; init; }

    public long Floor { get; init; }

    public long NewestBroad { get; init; }

    public BroadList Broad { get; init; } = [];

    /// <summary>The sequence from which on records of keys raise their marks; before it no value carries any.</summary>
    public long? Dependencies { get; init; }

    public ImmutableList<LoggedRecord> Log { get; init; } = [];

    public ImmutableDictionary<string, long> Tags { get; init; } = ImmutableDictionary<string, long>.Empty;

    public ImmutableDictionary<string, Envelope> Values { get; init; } = ImmutableDictionary<string, Envelope>.Empty;

    public ImmutableDictionary<string, (long Token, long Sequence)> Leases { get; init; } = ImmutableDictionary<string, (long, long)>.Empty;

    /// <summary>The number of each node's newest connection.</summary>
    public ImmutableDictionary<int, int> Connections { get; init; } = ImmutableDictionary<int, int>.Empty;

    /// <summary>When a node that stands in this history last confirmed it, by the server's clock.</summary>
    public long Confirmed { get; init; }

    /// <summary>The nodes of this history, as they last told of themselves.</summary>
    public ImmutableDictionary<string, LogMember> Members { get; init; } = ImmutableDictionary<string, LogMember>.Empty;

    /// <summary>How many were taken off that list.</summary>
    public int DroppedMembers { get; init; }

    /// <summary>For the checker only: what this history contains.</summary>
    public ImmutableHashSet<Raised> Contained { get; init; } = [];

    public bool IsAbove(long stamp, string[] tags) =>
        Floor > stamp
        || Array.Exists(tags, t => Tags.GetValueOrDefault(t) > stamp)
        || (IsMarked(tags) && (Dependencies is not { } since || stamp < since || Tags.GetValueOrDefault(AnyMark) > stamp));

    /// <summary>What was told of patterns: these leave the list, and the sweep cannot see which values were made from what they match.</summary>
    public ServerData Swept(BroadList listed) => this with
    {
        Broad = Broad.RemoveAll(listed.Contains),
        Tags = Dependencies is null ? Tags : Tags.SetItem(AnyMark, Math.Max(Tags.GetValueOrDefault(AnyMark), listed.Max(b => b.Sequence))),
    };

    public static bool IsMarked(string[] tags) => Array.Exists(tags, KeyMark.Is);

    private const string AnyMark = "\0";

    public ServerData With(in InvalidationTarget target, long sequence) => target.Kind switch
    {
        TargetKind.Everything => this with { Floor = sequence, Broad = [] },
        TargetKind.Tag => this with { Tags = Tags.SetItem(target.Text, sequence) },
        TargetKind.Key => this with
        {
            Values = Values.Remove(target.Text),
            Leases = Leases.Remove(target.Text),
            Tags = Dependencies is null ? Tags : Tags.SetItem(KeyMark.Of(target.Text), sequence),
        },
        _ => this with { Broad = Broad.Add((sequence, target)), NewestBroad = sequence },
    };
}

internal sealed record Envelope(int Value, Generation Generation, long Stamp, string[] Tags)
{
    /// <summary>The sequence that the server has confirmed it as of, by these tags and no others.</summary>
    public long Confirmed { get; init; } = Stamp;

    public StoredAs As => new(Stamp, Confirmed, Tags);
}
