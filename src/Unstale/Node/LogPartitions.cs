using Unstale.Horizon;
using Unstale.Log;
using Unstale.Predicates;

namespace Unstale.Node;

/// <summary>
/// Partitions of one log on this node. A key belongs to one partition by its hash; tags, selectors and "everything" concern all, because entries of
/// every partition may carry or match them. Invalidations are raised in all partitions in parallel, and each partition is verified separately.
/// </summary>
internal sealed class LogPartitions : IAsyncDisposable
{
    private readonly LogNode[] _nodes;
    private readonly HashSet<object> _suspending = [];
    private readonly Lock _suspendingGate = new();

    /// <param name="nodes">One node per partition, in order.</param>
    public LogPartitions(LogNode[] nodes) => _nodes = nodes;

    public string Name => _nodes[0].Name;

    /// <summary>Options of the log.</summary>
    public InvalidationLogOptions Options
    {
        get;
        init
        {
            field = value;
            ColumnHash = new ColumnHash(value.ColumnHashKey);
        }
    }

    = new();

    /// <summary>Creates the forms of values of columns, with the key of the log.</summary>
    public ColumnHash ColumnHash { get; private init; } = ColumnHash.Unkeyed;

    public IReadOnlyList<LogNode> Nodes => _nodes;

    /// <summary>Whether the log has more than one partition.</summary>
    public bool IsPartitioned => _nodes.Length > 1;

    public LogNode NodeOf(ReadOnlySpan<char> key) => _nodes[KeyPartition.ForKey(key, _nodes.Length)];

    public LogNode NodeOf(Operation operation) => _nodes[operation.Partition];

    /// <summary>Raises one target. On return it is in force on this node; the operation reports whether the log has it.</summary>
    public ValueTask<Operation> RaiseAsync(in InvalidationTarget target, string? reason, CancellationToken cancellationToken)
    {
        if (IsPartitioned && target.Kind != TargetKind.Key)
            return RaiseAsync(new Invalidation(target, reason), cancellationToken);
        var node = NodeOf(target.Text);
        return node.RaiseAsync(node.NewRecord(target, Invalidation.LimitReason(reason)), cancellationToken);
    }

    /// <summary>Raises one target in one step, if the log is local and has one partition; otherwise returns null.</summary>
    public LocalReceipt? TryRaise(in InvalidationTarget target, string? reason) => IsPartitioned ? null : _nodes[0].TryRaise(this, target, reason);

    /// <summary>
    /// Raises one event: for each timing one record in each affected partition, or several in a row if the event exceeds the limits of a record. Above
    /// 10,000 targets the event becomes "everything".
    /// </summary>
    public ValueTask<Operation> RaiseAsync(Invalidation invalidation, CancellationToken cancellationToken) =>
        !IsPartitioned && invalidation.IsOneRecord ? _nodes[0].RaiseAsync(invalidation, cancellationToken) : RaiseAsync(PartsOf(invalidation), cancellationToken);

    /// <summary>Raises several invalidations as one event. All records are raised before any is awaited.</summary>
    public ValueTask<Operation> RaiseAsync(IReadOnlyList<Invalidation> invalidations, CancellationToken cancellationToken) =>
        invalidations.Count == 1 ? RaiseAsync(invalidations[0], cancellationToken) : RaiseAsync([.. invalidations.SelectMany(PartsOf)], cancellationToken);

    /// <summary>Returns the positions of a fully applied event, one for each affected partition.</summary>
    public LogPositions PositionsOf(Operation operation)
    {
        if (operation.Earlier.Count == 0)
            return LogPositions.Of(NodeOf(operation).PositionOf([operation]));
        var positions = LogPositions.Empty;
        foreach (var parts in operation.Earlier.Append(operation).GroupBy(NodeOf))
            positions = positions.Merge(LogPositions.Of(parts.Key.PositionOf(parts)));
        return positions;
    }

    /// <inheritdoc cref="LogNode.WaitForAllNodesAsync"/>
    public async ValueTask WaitForAllNodesAsync(IEnumerable<Operation> raised, CancellationToken cancellationToken)
    {
        var operations = raised.SelectMany(static operation => operation.Earlier.Append(operation));
        await Task.WhenAll(operations.GroupBy(NodeOf).Select(parts => parts.Key.WaitForAllNodesAsync([.. parts], cancellationToken).AsTask())).ConfigureAwait(false);
    }

    /// <inheritdoc cref="LogNode.WaitForPositionAsync"/>
    public ValueTask<PositionStatus> WaitForPositionAsync(LogPositions positions, TimeSpan limit, CancellationToken cancellationToken) =>
        IsPartitioned ? WaitForAllAsync(positions, limit, cancellationToken) : _nodes[0].WaitForPositionAsync(positions, limit, cancellationToken);

    /// <summary>Returns the state of the log on this node. A log of several partitions is only as trusted as its least trusted one.</summary>
    public LogState GetState()
    {
        if (!IsPartitioned)
            return _nodes[0].GetState();
        LogState[] all = [.. _nodes.Select(static node => node.GetState())];
        return new LogState(
            Name,
            all.All(static state => state.IsTrusted),
            all.All(static state => state.IsConnected),
            all[0].Position,
            all.Any(static state => state.SinceConfirmed is null) ? null : all.Max(static state => state.SinceConfirmed),
            all.Sum(static state => state.Queued),
            all.Sum(static state => state.Generations))
        {
            Partitions = all,
        };
    }

    /// <summary>Returns the number of own invalidations of tags that nothing on this node carried, and the newest of these tags.</summary>
    public (long Count, string[] Newest) Unmatched() => _nodes[0].Unmatched();

    /// <summary>Ends or permits trust in all partitions. Trust is suspended while at least one caller suspends it.</summary>
    /// <param name="by">Caller.</param>
    /// <param name="isSuspended">Whether the caller suspends trust.</param>
    public void SuspendTrust(object by, bool isSuspended)
    {
        lock (_suspendingGate)
        {
            _ = isSuspended ? _suspending.Add(by) : _suspending.Remove(by);
            foreach (var node in _nodes)
                node.SuspendTrust(_suspending.Count > 0);
        }
    }

    public void ServeBeyond(TimeSpan time)
    {
        foreach (var node in _nodes)
            node.ServeBeyond(time);
    }

    public void Add(IRecordListener listener)
    {
        if (!IsPartitioned)
        {
            _nodes[0].Add(listener);
            return;
        }

        var merged = new MergedListener(listener);
        foreach (var node in _nodes)
            node.Add(merged);
    }

    /// <summary>Disposes all nodes at once: the wait of one partition for its server is not added to the others.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(_nodes.Select(static node => node.DisposeAsync().AsTask())).ConfigureAwait(false);

    /// <summary>Raises all parts before any is awaited. The returned operation holds the others.</summary>
    private static async ValueTask<Operation> RaiseInPartsAsync(List<(LogNode Node, Invalidation Part)> parts, CancellationToken cancellationToken)
    {
        var raised = parts.Select(part => part.Node.RaiseAsync(part.Part, cancellationToken).AsTask()).ToList();
        var operations = await Task.WhenAll(raised).ConfigureAwait(false);
        operations[^1].Earlier = operations[..^1];
        return operations[^1];
    }

    private static ValueTask<Operation> RaiseAsync(List<(LogNode Node, Invalidation Part)> parts, CancellationToken cancellationToken) =>
        parts.Count == 1 ? parts[0].Node.RaiseAsync(parts[0].Part, cancellationToken) : RaiseInPartsAsync(parts, cancellationToken);

    private List<(LogNode Node, Invalidation Part)> PartsOf(Invalidation invalidation)
    {
        if (IsPartitioned)
            NoteUnmatched(invalidation);
        var parts = new List<(LogNode Node, Invalidation Part)>();
        foreach (var bounded in invalidation.ByTiming().ConvertAll(static alike => alike.Bounded()))
        {
            if (!IsPartitioned)
            {
                parts.AddRange(bounded.Parts().ConvertAll(part => (_nodes[0], part)));
                continue;
            }

            var partitions = KeyPartition.ForEach(bounded.Targets(), _nodes.Length);
            for (var i = 0; i < _nodes.Length; i++)
            {
                if (bounded.Where(target => KeyPartition.Concerns(partitions[target], i)) is { } own)
                    parts.AddRange(own.Parts().ConvertAll(part => (_nodes[i], part)));
            }
        }

        return parts;
    }

    /// <summary>Notes the tags that no partition carries. A log of one partition notes them while marking.</summary>
    private void NoteUnmatched(Invalidation invalidation)
    {
        foreach (ref readonly var item in invalidation.Items.Span)
        {
            var tag = item.Target.Text;
            if (item.Target.Kind == TargetKind.Tag && !Array.Exists(_nodes, node => node.IsCarried(tag)))
                _nodes[0].NoteUnmatched(tag);
        }
    }

    /// <summary>
    /// Waits for all positions. Returns <see cref="PositionStatus.NotYet"/> if one of them is not reached, because this one may be real; otherwise
    /// <see cref="PositionStatus.Unknown"/> if one of them is unknown.
    /// </summary>
    private async ValueTask<PositionStatus> WaitForAllAsync(LogPositions positions, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (positions.Any(position => position.Partition >= _nodes.Length))
            return PositionStatus.Unknown;
        var waits = positions.Select(position => _nodes[position.Partition].WaitForPositionAsync(LogPositions.Of(position), limit, cancellationToken).AsTask());
        var found = await Task.WhenAll(waits).ConfigureAwait(false);
        return Array.IndexOf(found, PositionStatus.NotYet) >= 0 ? PositionStatus.NotYet
            : Array.IndexOf(found, PositionStatus.Unknown) >= 0 ? PositionStatus.Unknown
            : PositionStatus.Reached;
    }
}
