using System.Collections.Immutable;
using Unstale.Horizon;
using Unstale.Log;
using Unstale.Values;

namespace Unstale.Tests.Model.Simulation;

/// <summary>Replicated data of a server. Immutable, so a copy is free.</summary>
internal sealed record ServerData
{
    public int Run { get; init; } = -1;

    public long ReplicationId { get; init; }

    public Generation Generation { get; init; }

    public long Sequence { get; init; }

    public long LastId { get; init; }

    public long Floor { get; init; }

    public long NewestSelector { get; init; }

    public SelectorCache Selector { get; init; } = [];

    /// <summary>Sequence from which records of keys raise their marks. No earlier value carries a mark.</summary>
    public long? Dependencies { get; init; }

    public ImmutableList<LoggedRecord> Log { get; init; } = [];

    public ImmutableDictionary<string, long> Tags { get; init; } = ImmutableDictionary<string, long>.Empty;

    public ImmutableDictionary<string, Envelope> Values { get; init; } = ImmutableDictionary<string, Envelope>.Empty;

    public ImmutableDictionary<string, (long Token, long Sequence)> Leases { get; init; } = ImmutableDictionary<string, (long, long)>.Empty;

    /// <summary>Number of each node's newest connection.</summary>
    public ImmutableDictionary<int, int> Connections { get; init; } = ImmutableDictionary<int, int>.Empty;

    /// <summary>Time of the last confirmation by a node of this history, by the server's clock.</summary>
    public long Confirmed { get; init; }

    /// <summary>Nodes of this history with the state in their last tail.</summary>
    public ImmutableDictionary<string, LogMember> Members { get; init; } = ImmutableDictionary<string, LogMember>.Empty;

    /// <summary>Number of nodes removed from the list.</summary>
    public int DroppedMembers { get; init; }

    /// <summary>For the checker only: invalidations that this history contains.</summary>
    public ImmutableHashSet<Raised> Contained { get; init; } = [];

    public bool IsAbove(long stamp, string[] tags) =>
        Floor > stamp
        || Array.Exists(tags, t => Tags.GetValueOrDefault(t) > stamp)
        || (IsMarked(tags) && (Dependencies is not { } since || stamp < since || Tags.GetValueOrDefault(AnyMark) > stamp));

    /// <summary>
    /// Removes swept patterns. Values with marks and a stamp below the newest of these patterns become invalid, because the sweep cannot find
    /// values derived from matching keys.
    /// </summary>
    public ServerData Swept(SelectorCache listed) => this with
    {
        Selector = Selector.RemoveAll(listed.Contains),
        Tags = Dependencies is null ? Tags : Tags.SetItem(AnyMark, Math.Max(Tags.GetValueOrDefault(AnyMark), listed.Max(b => b.Sequence))),
    };

    public static bool IsMarked(string[] tags) => Array.Exists(tags, DependencyTag.Is);

    private const string AnyMark = "\0";

    public ServerData With(in InvalidationTarget target, long sequence) => target.Kind switch
    {
        TargetKind.Everything => this with { Floor = sequence, Selector = [] },
        TargetKind.Tag => this with { Tags = Tags.SetItem(target.Text, sequence) },
        TargetKind.Key => this with
        {
            Values = Values.Remove(target.Text),
            Leases = Leases.Remove(target.Text),
            Tags = Dependencies is null ? Tags : Tags.SetItem(DependencyTag.ForKey(target.Text), sequence),
        },
        _ => this with { Selector = Selector.Add((sequence, target)), NewestSelector = sequence },
    };
}

internal sealed record Envelope(int Value, Generation Generation, long Stamp, string[] Tags)
{
    /// <summary>Sequence at which the server confirmed the value, by the value's own tags only.</summary>
    public long Confirmed { get; init; } = Stamp;

    public StoredAs As => new(Stamp, Confirmed, Tags);
}
