using System.Runtime.CompilerServices;
using Unstale.Horizon;
using Unstale.Log;

namespace Unstale.Node;

/// <summary>Targets collected by one window, and their outcome for the holders of receipts. Filled under the window's lock.</summary>
internal sealed class Batch
{
    private const int MostReasons = 16;

    private readonly HashSet<InvalidationTarget> _known;
    private readonly List<InvalidationTarget> _targets = [];
    private readonly List<TargetOrigin> _origins = [];
    private readonly List<StrongBox<long>?> _counters = [];
    private readonly List<string> _reasons = [];
    private readonly TaskCompletionSource<Operation> _raised = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="known">Targets already named elsewhere, which are not named again here. New targets are added to the set.</param>
    public Batch(HashSet<InvalidationTarget>? known = null) => _known = known ?? [];

    /// <summary>
    /// Task that completes when the batch was raised and the log has the record or has not accepted it in time. Fails when the batch is lost.
    /// </summary>
    public Task<Operation> Raised => _raised.Task;

    /// <summary>Operation of the raised batch; null while the batch waits.</summary>
    public Operation? Operation => _raised.Task.IsCompletedSuccessfully ? _raised.Task.Result : null;

    public int Count => _targets.Count;

    public bool HasFailed { get; set; }

    public int CountOf(Func<TargetKind, bool> kind) => _targets.Count(target => kind(target.Kind));

    /// <summary>
    /// Adds targets and reason. A target already named remains as first named. Targets above the maximum of one invalidation are left out, because
    /// the batch is then "everything" anyway.
    /// </summary>
    public void Add(Invalidation more)
    {
        for (var i = 0; i < more.Targets.Length && _targets.Count <= Invalidation.MostTargets; i++)
        {
            if (!_known.Add(more.Targets[i]))
                continue;
            _targets.Add(more.Targets[i]);
            _origins.Add(more.Origins?[i] ?? default);
            _counters.Add(more.Counters?[i]);
        }

        if (more.Reason is { } reason && _reasons.Count < MostReasons && !_reasons.Contains(reason, StringComparer.Ordinal))
            _reasons.Add(reason);
    }

    public Invalidation ToInvalidation() => new([.. _targets], _reasons.Count == 0 ? null : string.Join("; ", _reasons))
    {
        Origins = [.. _origins],
        Counters = [.. _counters],
    };

    public void End(Operation operation) => _raised.TrySetResult(operation);

    public void Lose(Exception why)
    {
        _raised.TrySetException(why);
        _ = _raised.Task.Exception; // the failure is logged; holders of a receipt may still observe it
    }
}
