using Unstale.Horizon;
using Unstale.Log;

namespace Unstale.Node;

/// <summary>Targets raised together at a later time, and their outcome for the holders of receipts. Filled under the batcher's lock.</summary>
internal sealed class DeferredInvalidation
{
    private readonly InvalidationBuilder _targets = InvalidationBuilder.CreateShared();
    private readonly TaskCompletionSource<Operation> _raised = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether the targets were raised before and are raised once more.</summary>
    public bool IsRepeat { get; init; }

    /// <summary>Latest time at which a repeat is raised, by the monotonic clock in milliseconds.</summary>
    public long Due { get; set; }

    /// <summary>
    /// Task that completes when the targets were raised and the log has the record or has not accepted it in time. Fails when the targets are lost.
    /// </summary>
    public Task<Operation> Raised => _raised.Task;

    /// <summary>Operation of the raised targets; null before.</summary>
    public Operation? Operation => _raised.Task.IsCompletedSuccessfully ? _raised.Task.Result : null;

    public int Count => _targets.Count;

    public bool HasFailed { get; set; }

    public int CountOf(Func<TargetKind, bool> kind)
    {
        var count = 0;
        foreach (ref readonly var item in _targets.Items)
            count += kind(item.Target.Kind) ? 1 : 0;
        return count;
    }

    /// <summary>Adds targets and reason. The targets are immediate once they are raised.</summary>
    public void Add(Invalidation more) => _targets.Merge(more, InvalidationTiming.Immediate);

    public Invalidation ToInvalidation() => _targets.ToInvalidation();

    public void End(Operation operation) => _raised.TrySetResult(operation);

    public void Lose(Exception why)
    {
        _raised.TrySetException(why);
        _ = _raised.Task.Exception; // the failure is logged; holders of a receipt may still observe it
    }
}
