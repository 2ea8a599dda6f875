using System.Transactions;

namespace Unstale.Tests.Transactions;

/// <summary>A participant of a transaction, like a database.</summary>
internal sealed class FakeResource(Action? commits = null) : ISinglePhaseNotification
{
    /// <summary>Received calls, in order.</summary>
    public List<string> Asked { get; } = [];

    public bool IsInDoubt { get; init; }

    public bool VotesNo { get; init; }

    /// <summary>Whether the reply follows on another thread.</summary>
    public bool IsSlow { get; init; }

    public void SinglePhaseCommit(SinglePhaseEnlistment singlePhaseEnlistment) => Answer("single phase", () =>
    {
        commits?.Invoke();
        if (IsInDoubt)
            singlePhaseEnlistment.InDoubt();
        else if (VotesNo)
            singlePhaseEnlistment.Aborted();
        else
            singlePhaseEnlistment.Committed();
    });

    public void Prepare(PreparingEnlistment preparingEnlistment) => Answer("prepare", () =>
    {
        if (VotesNo)
            preparingEnlistment.ForceRollback();
        else
            preparingEnlistment.Prepared();
    });

    public void Commit(Enlistment enlistment)
    {
        Asked.Add("commit");
        commits?.Invoke();
        enlistment.Done();
    }

    public void Rollback(Enlistment enlistment)
    {
        Asked.Add("rollback");
        enlistment.Done();
    }

    public void InDoubt(Enlistment enlistment) => enlistment.Done();

    private void Answer(string asked, Action answer)
    {
        Asked.Add(asked);
        if (IsSlow)
            _ = Task.Run(answer);
        else
            answer();
    }
}
