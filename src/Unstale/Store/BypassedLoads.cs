namespace Unstale.Store;

/// <summary>
/// Loads past the cache, of which one runs per key. Reads that come while it runs share the next one: a load that began before a read may have
/// read the source before the write that the read has to see.
/// </summary>
internal sealed class BypassedLoads
{
    private readonly Lock _gate = new();
    private readonly Dictionary<FillIdentity, Pair> _pairs = [];

    /// <summary>Gives a read its load.</summary>
    /// <param name="identity">The key, type and flags of the read.</param>
    /// <param name="load">A load that has not begun yet, or that the caller begins now.</param>
    /// <param name="before">The load whose end the caller waits for before it begins its own; null if none runs.</param>
    /// <returns>True if the caller runs the load and ends it; false if it waits for the answer.</returns>
    public bool Enter<T>(in FillIdentity identity, out BypassedLoad<T> load, out BypassedLoad? before)
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

    /// <summary>The load begins: reads that come from now on share another one.</summary>
    public void Begin(in FillIdentity identity, BypassedLoad load)
    {
        lock (_gate)
        {
            if (_pairs.TryGetValue(identity, out var pair) && pair.Next == load)
                (pair.Running, pair.Next) = (load, null);
        }
    }

    /// <summary>The load has ended, begun or not: nobody joins it any more.</summary>
    /// <returns>Number of reads that wait for its answer.</returns>
    public int End(in FillIdentity identity, BypassedLoad load)
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

/// <summary>One load past the cache.</summary>
internal abstract class BypassedLoad
{
    /// <summary>Number of reads that wait for the answer. Changed under the lock of <see cref="BypassedLoads"/>.</summary>
    public int Followers { get; set; }

    /// <summary>Ends with the load, however that ends.</summary>
    public abstract Task Ended { get; }
}

/// <inheritdoc/>
internal sealed class BypassedLoad<T> : BypassedLoad
{
    private readonly TaskCompletionSource<FillAnswer<T>> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<FillAnswer<T>> Task => _source.Task;

    public override Task Ended => _source.Task;

    public void Answer(in FillAnswer<T> answer) => _source.TrySetResult(answer);

    public void Fail(Exception exception)
    {
        _source.TrySetException(exception);
        _ = _source.Task.Exception; // perhaps nobody waits
    }
}
