namespace Unstale.Tests.Remote;

/// <summary>Faults on the path to a server and back. Each switch is in effect until changed.</summary>
public sealed class ServerFaults
{
    private readonly Dictionary<ServerScript, Hold> _held = [];
    private readonly Lock _gate = new();

    /// <summary>Calls that throw without execution.</summary>
    public Func<ServerScript, bool> Refuses { get; set; } = _ => false;

    /// <summary>Calls that are not executed and do not return until their connection is cut.</summary>
    public Func<ServerScript, bool> Ignores { get; set; } = _ => false;

    /// <summary>Calls that are executed and then throw.</summary>
    public Func<ServerScript, bool> LosesReplies { get; set; } = _ => false;

    /// <summary>Whether pushes to this node are lost.</summary>
    public bool DropsPushes { get; set; }

    public void Clear()
    {
        Refuses = Ignores = LosesReplies = _ => false;
        DropsPushes = false;
    }

    /// <summary>Makes the next such call wait for a release, before or after execution.</summary>
    public Hold HoldNext(ServerScript script, bool afterwards = false)
    {
        lock (_gate)
            return _held[script] = new Hold(afterwards);
    }

    public Task BeforeAsync(ServerScript script)
    {
        if (Refuses(script))
            return Task.FromException(new IOException($"The server refuses {script}."));
        return Ignores(script) ? new TaskCompletionSource().Task : Held(script, afterwards: false);
    }

    public Task AfterAsync(ServerScript script) =>
        LosesReplies(script) ? Task.FromException(new IOException($"The reply to {script} was lost.")) : Held(script, afterwards: true);

    private Task Held(ServerScript script, bool afterwards)
    {
        lock (_gate)
        {
            if (!_held.TryGetValue(script, out var hold) || hold.IsAfterwards != afterwards)
                return Task.CompletedTask;
            _held.Remove(script);
            return hold.ReachAsync();
        }
    }

    public sealed class Hold(bool isAfterwards)
    {
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsAfterwards => isAfterwards;

        /// <summary>Completes when the call is held.</summary>
        public Task Reached => _reached.Task;

        public void Release() => _released.TrySetResult();

        public Task ReachAsync()
        {
            _reached.TrySetResult();
            return _released.Task;
        }
    }
}
