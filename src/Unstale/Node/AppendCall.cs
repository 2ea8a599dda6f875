using System.Runtime.CompilerServices;
using Unstale.Horizon;
using Unstale.Log;

namespace Unstale.Node;

/// <summary>One record on its way to the log, and what the node knew when it was sent.</summary>
internal sealed class AppendCall(LogNode node, Operation operation, int connection, in AskedAt asked)
{
    private readonly AskedAt _asked = asked;
    private ConfiguredValueTaskAwaitable<AppendReply>.ConfiguredValueTaskAwaiter _answer;

    public Operation Operation => operation;

    public int Connection => connection;

    public ref readonly AskedAt Asked => ref _asked;

    public void Send(ILogSession session)
    {
        try
        {
#pragma warning disable CA2012 // Its result is taken once: in End.
            _answer = session.AppendAsync(0, operation.Record, CancellationToken.None).ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
        }
        catch (Exception exception)
        {
            node.AppendFailed(operation, exception);
            return;
        }

        if (_answer.IsCompleted)
            End();
        else
            _answer.UnsafeOnCompleted(End);
    }

    private void End()
    {
        try
        {
            node.Appended(this, _answer.GetResult());
        }
        catch (Exception exception)
        {
            node.AppendFailed(operation, exception);
        }
    }
}
