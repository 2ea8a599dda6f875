namespace Unstale.Loading;

/// <summary>
/// Loads past the cache, one at a time per key. Reads arriving while a load runs share the next one: a load begun before a read may have read the
/// source before the write to be observed by the read.
/// </summary>
internal sealed class BypassedLoads
{
    private readonly Lock _gate = new();
    private readonly Dictionary<LoadIdentity, Pair> _pairs = [];

    /// <summary>Assigns a load to a read.</summary>
    /// <param name="identity">Key, type and flags of the read.</param>
    /// <param name="load">Load that has not begun yet, or that the caller begins now.</param>
    /// <param name="before">Running load that must end before the caller begins a new one; null if none runs.</param>
    /// <returns>True if the caller must run and end the load; false if the caller waits for the result.</returns>
    public bool Enter<T>(in LoadIdentity identity, out BypassedLoad<T> load, out BypassedLoad? before)
    {
        before = null;
        lock (_gate)
        {
            if (!_pairs.TryGetValue(identity, out var pair))
                _pairs.Add(identity, pair = new Pair());
            if (pair.Next is BypassedLoad<T> next)
            {
                next.Followers++;
                load = next;
                return false;
            }

            load = new BypassedLoad<T>();
            if (pair.Running is null)
                pair.Running = load;
            else
                (pair.Next, before) = (load, pair.Running);
            return true;
        }
    }

    /// <summary>Marks a load as begun. Later reads share another load.</summary>
    public void Begin(in LoadIdentity identity, BypassedLoad load)
    {
        lock (_gate)
        {
            if (_pairs.TryGetValue(identity, out var pair) && pair.Next == load)
                (pair.Running, pair.Next) = (load, null);
        }
    }

    /// <summary>Removes an ended load, whether begun or not. No further read joins the load.</summary>
    /// <returns>Number of reads waiting for the result.</returns>
    public int End(in LoadIdentity identity, BypassedLoad load)
    {
        lock (_gate)
        {
            if (_pairs.TryGetValue(identity, out var pair))
            {
                pair.Running = pair.Running == load ? null : pair.Running;
                pair.Next = pair.Next == load ? null : pair.Next;
                if (pair is { Running: null, Next: null })
                    _pairs.Remove(identity);
            }

            return load.Followers;
        }
    }

    private sealed class Pair
    {
        public BypassedLoad? Running { get; set; }

        public BypassedLoad? Next { get; set; }
    }
}

/// <summary>A load past the cache.</summary>
internal abstract class BypassedLoad
{
    /// <summary>Number of reads waiting for the result. Changed under the lock of <see cref="BypassedLoads"/>.</summary>
    public int Followers { get; set; }

    /// <summary>Task that completes when the load ends, whether successfully or not.</summary>
    public abstract Task Ended { get; }
}

/// <inheritdoc/>
internal sealed class BypassedLoad<T> : BypassedLoad
{
    private readonly TaskCompletionSource<LoadResult<T>> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<LoadResult<T>> Task => _source.Task;

    public override Task Ended => _source.Task;

    public void Answer(in LoadResult<T> answer) => _source.TrySetResult(answer);

    public void Fail(Exception exception)
    {
        _source.TrySetException(exception);
        _ = _source.Task.Exception; // observed, in case no caller waits
    }
}
