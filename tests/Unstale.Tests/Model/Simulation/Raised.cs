using Unstale.Horizon;
using Unstale.Log;

namespace Unstale.Tests.Model.Simulation;

/// <summary>One invalidation or set, as the checker sees it.</summary>
internal sealed class Raised(Operation operation, Node node, IReadOnlyDictionary<string, int> versions, long startedAt, SetValue? set)
{
    public Operation Operation => operation;

    public Node Node => node;

    /// <summary>Versions of the concerned keys at the call. Older ones must not be read afterwards.</summary>
    public IReadOnlyDictionary<string, int> Versions => versions;

    public long StartedAt => startedAt;

    /// <summary>Value of a set, sent once.</summary>
    public SetValue? Set => set;

    /// <summary>Whether invalidated values may be served once more.</summary>
    public bool IsSoft => operation.Record.Flags == RecordFlags.ServeStaleOnce;

    /// <summary>Whether values made by old code are concerned.</summary>
    public bool ConcernsOld => World.ConcernsOld(operation.Record.Targets[0]);

    /// <summary>Invalidations that this one replaces.</summary>
    public List<Raised> Covers { get; } = [];

    public bool IsApplied { get; set; }

    public bool HasReturned { get; set; }

    /// <summary>Whether the record was on the true master.</summary>
    public bool WasAppended { get; set; }

    /// <summary>Whether no loss excuses a read that ignores the invalidation, because the server that lost the record is no longer relied on.</summary>
    public bool MustHold { get; set; }

    public override string ToString() => $"{operation.Record.Id}[{string.Join(' ', operation.Record.Targets.ToArray())}]";
}

internal sealed record SetValue(string Key, int Value);
