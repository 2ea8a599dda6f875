using Unstale.Boundary;
using Unstale.Log;

namespace Unstale.Node;

/// <summary>
/// Requests the list of nodes, once for all concurrent callers, and records since when each entry is unchanged. A dead node is thus waited for once,
/// and not again by the next call.
/// </summary>
internal sealed class MemberWatch(Func<Task<LogMembers>> ask, Func<long> now, double ownTime)
{
    private readonly Lock _gate = new();
    private readonly MemberList _list = new(ownTime);
    private TaskCompletionSource<MembersHeard?>? _next;
    private bool _isAsking;

    /// <summary>Returns the reply to a request sent after this call; null if the request fails.</summary>
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
                waiting.SetResult(null); // the cause is reported by the tails, which fail too
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
