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
    private Dictionary<string, (LogMember Member, long Since)> _known = new(StringComparer.Ordinal);
    private TaskCompletionSource<MembersHeard?>? _next;
    private double _longest = ownTime;
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
                waiting.SetResult(Heard(await ask().ConfigureAwait(false)));
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

    /// <summary>Only the one question that runs at a time comes here.</summary>
    private MembersHeard Heard(LogMembers answer)
    {
        var time = now();
        var heard = new Dictionary<string, (LogMember Member, long Since)>(StringComparer.Ordinal);
        foreach (var member in answer.Members)
        {
            _longest = Math.Max(_longest, member.ServesFor.TotalMilliseconds);
            var isAsBefore = member.Confirmation is not null && _known.TryGetValue(member.Node, out var before) && before.Member == member;
            heard[member.Node] = (member, isAsBefore ? _known[member.Node].Since : time);
        }

        _known = heard;
        return new MembersHeard(answer.Generation, [.. heard.Values], _longest);
    }
}
