using Unstale.Boundary;
using Unstale.Log;

namespace Unstale.Node;

/// <summary>
/// Asks who the nodes are, once for all who wait meanwhile, and remembers since when each entry of the list stands as it does: a node
/// that has died is then waited for once and not again by the next call.
/// </summary>
internal sealed class MemberWatch(Func<Task<LogMembers>> ask, Func<long> now, double ownTime)
{
    private readonly Lock _gate = new();
    private readonly MemberList _list = new(ownTime);
    private TaskCompletionSource<MembersHeard?>? _next;
    private bool _isAsking;

    /// <summary>An answer to a question sent after this call; null if none came.</summary>
    public Task<MembersHeard?> AskAsync()
    {
        Task<MembersHeard?> answer;
        bool begins;
        lock (_gate)
        {
            _next ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            answer = _next.Task;
            begins = !_isAsking;
            _isAsking = true;
        }

        if (begins)
            _ = WithoutExecutionContext.Start(this, static watch => watch.AskAllAsync());
        return answer;
    }

    private async Task AskAllAsync()
    {
        while (TakeNext() is { } waiting)
        {
            try
            {
                waiting.SetResult(_list.Take(await ask().ConfigureAwait(false), now()));
            }
            catch (Exception)
            {
                waiting.SetResult(null); // what keeps the log from answering is said by the tails, which meet it too
            }
        }
    }

    private TaskCompletionSource<MembersHeard?>? TakeNext()
    {
        lock (_gate)
        {
            var next = _next;
            _next = null;
            _isAsking = next is not null;
            return next;
        }
    }
}
