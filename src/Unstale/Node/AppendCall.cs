using System.Runtime.CompilerServices;
using Unstale.Horizon;
using Unstale.Log;

namespace Unstale.Node;

/// <summary>Append of one record, with the state of the node when the record was sent. Reused for another record after the reply.</summary>
internal sealed class AppendCall
{
    private readonly LogNode _node;
    private readonly Action _end;
    private AskedAt _asked;
    private ConfiguredValueTaskAwaitable<AppendReply>.ConfiguredValueTaskAwaiter _answer;

    public AppendCall(LogNode node)
    {
        _node = node;
        _end = End;
    }

    public Operation Operation { get; private set; } = null!;

    public int Connection { get; private set; }

    public ref readonly AskedAt Asked => ref _asked;

    public AppendCall For(Operation operation, int connection, in AskedAt asked)
    {
        (Operation, Connection, _asked) = (operation, connection, asked);
        return this;
    }

    public void Clear()
    {
        Operation = null!;
        _answer = default;
    }

    public void Send(ILogSession session)
    {
        try
        {
#pragma warning disable CA2012 // The result is read once: in End.
            _answer = session.AppendAsync(_node.Horizon.Partition, Operation.Record, CancellationToken.None).ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
        }
        catch (Exception exception)
        {
            _node.AppendFailed(Operation, exception);
            return;
        }

        if (_answer.IsCompleted)
            End();
        else
            _answer.UnsafeOnCompleted(_end);
    }

    private void End()
    {
        var operation = Operation; // a failure after the reply was read still belongs to this operation
        try
        {
            _node.Appended(this, _answer.GetResult());
        }
        catch (Exception exception)
        {
            _node.AppendFailed(operation, exception);
        }
    }
}
