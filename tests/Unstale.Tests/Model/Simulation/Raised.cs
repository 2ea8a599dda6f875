using Unstale.Horizon;
using Unstale.Log;

namespace Unstale.Tests.Model.Simulation;

/// <summary>One invalidation or set, as the checker sees it.</summary>
internal sealed class Raised(Operation operation, Node node, IReadOnlyDictionary<string, int> versions, long startedAt, SetValue? set)
{
    public Operation Operation => operation;

    public Node Node => node;

    /// <summary>The versions of what it names at the call: older ones must not be read after it.</summary>
    public IReadOnlyDictionary<string, int> Versions => versions;

    public long StartedAt => startedAt;

    /// <summary>The value of a set, sent once.</summary>
    public SetValue? Set => set;

    /// <summary>What it took may be served once more.</summary>
    public bool IsSoft => operation.Record.Flags == RecordFlags.ServeStaleOnce;

    /// <summary>It takes what old code has made, too.</summary>
    public bool ConcernsOld => World.ConcernsOld(operation.Record.Targets[0]);

    /// <summary>Those in whose place it stands.</summary>
    public List<Raised> Covers { get; } = [];

    public bool IsApplied { get; set; }

    public bool HasReturned { get; set; }

    /// <summary>It has been on the true master.</summary>
    public bool WasAppended { get; set; }

    /// <summary>No loss excuses that it is not seen: whoever lost it cannot be relied on any more.</summary>
    public bool MustHold { get; set; }

    public override string ToString() => $"{operation.Record.Id}[{string.Join(' ', operation.Record.Targets.ToArray())}]";
}

internal sealed record SetValue(string Key, int Value);
