using Unstale.Horizon;
using Unstale.Log;

namespace Unstale.Node;

/// <summary>
/// The partitions of one log on this node. A key belongs to one of them by its hash; tags, patterns and "everything" concern all, because
/// entries of every partition may carry or match them. Partitions are raised in parallel, and each is proved by itself.
/// </summary>
internal sealed class LogPartitions : IAsyncDisposable
{
    private readonly LogNode[] _nodes;

    /// <param name="nodes">One for each partition, in their order.</param>
    public LogPartitions(LogNode[] nodes) => _nodes = nodes;

    public string Name => _nodes[0].Name;

    public IReadOnlyList<LogNode> Nodes => _nodes;

    /// <summary>Whether keys lie in several partitions.</summary>
    public bool IsPartitioned => _nodes.Length > 1;

    public LogNode NodeOf(ReadOnlySpan<char> key) => _nodes[KeyPartition.Of(key, _nodes.Length)];

    public LogNode NodeOf(Operation operation) => _nodes[operation.Partition];

    /// <summary>Raises one target. On return it holds on this node; the operation reports whether the log has it.</summary>
    public ValueTask<Operation> RaiseAsync(in InvalidationTarget target, string? reason, CancellationToken cancellationToken)
    {
        if (IsPartitioned && target.Kind != TargetKind.Key)
            return RaiseAsync(new Invalidation([target], reason), cancellationToken);
        var node = IsPartitioned ? NodeOf(target.Text) : _nodes[0];
        return node.RaiseAsync(node.NewRecord(target, reason), cancellationToken);
    }

    /// <summary>
    /// Raises one event: one record in each partition that it concerns, or several in a row where it names very much; beyond 10,000 targets it is
    /// "everything".
    /// </summary>
    public ValueTask<Operation> RaiseAsync(Invalidation invalidation, CancellationToken cancellationToken) =>
        RaiseAsync(PartsOf(invalidation), cancellationToken);

    /// <summary>Raises records that belong to one event though they are taken in different ways: all of them before any is waited for.</summary>
    public ValueTask<Operation> RaiseAsync(IEnumerable<Invalidation> invalidations, CancellationToken cancellationToken) =>
        RaiseAsync([.. invalidations.SelectMany(PartsOf)], cancellationToken);

    /// <summary>Positions of an operation and of the rest of its event, once all of it is applied: one for each partition that it touched.</summary>
    public LogPositions PositionsOf(Operation operation)
    {
        if (operation.Earlier.Count == 0)
            return LogPositions.Of(NodeOf(operation).PositionOf([operation]));
        var positions = LogPositions.Empty;
        foreach (var parts in operation.Earlier.Append(operation).GroupBy(NodeOf))
            positions = positions.Merge(LogPositions.Of(parts.Key.PositionOf(parts)));
        return positions;
    }

    /// <inheritdoc cref="LogNode.AppliedEverywhereAsync"/>
    public async ValueTask AppliedEverywhereAsync(IEnumerable<Operation> raised, CancellationToken cancellationToken)
    {
        var operations = raised.SelectMany(static operation => operation.Earlier.Append(operation));
        await Task.WhenAll(operations.GroupBy(NodeOf).Select(parts => parts.Key.AppliedEverywhereAsync([.. parts], cancellationToken).AsTask())).ConfigureAwait(false);
    }

    /// <inheritdoc cref="LogNode.WaitForPositionAsync"/>
    public ValueTask<PositionStatus> WaitForPositionAsync(LogPositions positions, TimeSpan limit, CancellationToken cancellationToken) =>
        IsPartitioned ? WaitForAllAsync(positions, limit, cancellationToken) : _nodes[0].WaitForPositionAsync(positions, limit, cancellationToken);

    /// <summary>State of the log on this node. A log of several partitions is as trusted as its least trusted one.</summary>
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

    /// <summary>All at once: the wait of one partition for its server does not add to that of the others.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(_nodes.Select(static node => node.DisposeAsync().AsTask())).ConfigureAwait(false);

    /// <summary>Parts are raised before any is waited for; the operation returned holds the others.</summary>
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
        if (!IsPartitioned)
            return invalidation.Parts().ConvertAll(part => (_nodes[0], part));
        var bounded = invalidation.Bounded();
        var parts = new List<(LogNode Node, Invalidation Part)>();
        for (var i = 0; i < _nodes.Length; i++)
        {
            if (bounded.Where(target => KeyPartition.Concerns(i, _nodes.Length, target)) is { } own)
                parts.AddRange(own.Parts().ConvertAll(part => (_nodes[i], part)));
        }

        return parts;
    }

    /// <summary>Not yet if one of them is not reached, since that one may be real; else unknown if one of them is.</summary>
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
