using Unstale.Log;

namespace Unstale.PostgreSql.Log;

/// <summary>
/// Position up to which the node of a session has received the records, from replies to tails, acknowledgements of own appends and pushes. Records above are
/// read and pushed.
/// </summary>
internal sealed class PushCursor
{
    private readonly Lock _gate = new();
    private Generation _generation;
    private long _sequence;

    /// <summary>Newest received position; no generation while the node must send a tail first.</summary>
    public (Generation Generation, long Sequence) Position
    {
        get
        {
            lock (_gate)
                return (_generation, _sequence);
        }
    }

    /// <summary>Applies the reply to a tail.</summary>
    public void Tailed(in TailReply reply)
    {
        lock (_gate)
        {
            var received = reply.State == TailState.Records && reply.Records.Count > 0 ? reply.Records[^1].Sequence : reply.Sequence;
            _sequence = reply.Generation == _generation ? Math.Max(_sequence, received) : received;
            _generation = reply.State == TailState.Broken ? Generation.None : reply.Generation;
        }
    }

    /// <summary>Skips own records that directly follow the received ones. Their node has them.</summary>
    public void Appended(Generation generation, long first, int count)
    {
        lock (_gate)
        {
            if (generation == _generation && first == _sequence + 1)
                _sequence += count;
        }
    }

    /// <summary>Returns true, and moves to a record, if the record directly follows the received ones.</summary>
    public bool TryAdvance(Generation generation, long sequence)
    {
        lock (_gate)
        {
            if (generation != _generation || sequence != _sequence + 1)
                return false;
            _sequence = sequence;
            return true;
        }
    }

    /// <summary>Forgets the position until the next tail.</summary>
    public void Forget()
    {
        lock (_gate)
            _generation = Generation.None;
    }
}
