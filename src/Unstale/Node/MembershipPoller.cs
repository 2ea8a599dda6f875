using Unstale.Boundary;
using Unstale.Log;

namespace Unstale.Node;

/// <summary>
/// Requests the list of nodes, once for all concurrent callers, and records since when each entry is unchanged. A dead node is thus waited for once,
/// and not again by the next call.
/// </summary>
internal sealed class MembershipPoller(Func<Task<LogMembers>> request, Func<long> now, double ownTime)
{
    private readonly Lock _gate = new();
    private readonly MemberList _list = new(ownTime);
    private TaskCompletionSource<MembershipSnapshot?>? _next;
    private bool _isPolling;

    /// <summary>Returns the reply to a request sent after this call; null if the request fails.</summary>
    public Task<MembershipSnapshot?> RequestAsync()
    {
        Task<MembershipSnapshot?> answer;
        bool begins;
        lock (_gate)
        {
            _next ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            answer = _next.Task;
            begins = !_isPolling;
            _isPolling = true;
        }

        if (begins)
            _ = WithoutExecutionContext.Start(this, static poller => poller.PollAsync());
        return answer;
    }

    private async Task PollAsync()
    {
        while (DequeueNext() is { } waiting)
        {
            try
            {
                waiting.SetResult(_list.Apply(await request().ConfigureAwait(false), now()));
            }
            catch (Exception)
            {
                waiting.SetResult(null); // the cause is reported by the tails, which fail too
            }
        }
    }

    private TaskCompletionSource<MembershipSnapshot?>? DequeueNext()
    {
        lock (_gate)
        {
            var next = _next;
            _next = null;
            _isPolling = next is not null;
            return next;
        }
    }
}
