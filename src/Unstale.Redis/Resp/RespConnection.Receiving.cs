using System.Runtime.CompilerServices;

namespace Unstale.Redis.Resp;

internal sealed partial class RespConnection
{
    private const int ReadBytes = 32 << 10;

    private readonly RespParser _parser;
    private readonly byte[] _buffer = new byte[ReadBytes];
    private readonly List<RespReply> _replies = [];
    private readonly List<RespCall?> _answered = [];
    private readonly Action _afterRead;
    private ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter _reading;
    private bool _direct;

    /// <summary>Something was put into the inbox that nobody hands on yet. Only the thread that reads has to do with it.</summary>
    private bool _heard;
    private long _received;

    private void StartReading()
    {
        try
        {
            BeginRead();
        }
        catch (Exception error)
        {
            Close(Errors.ConnectionLost(Name, error));
            return;
        }

        if (_reading.IsCompleted)
        {
            AfterRead();
        }
        else
        {
            _reading.UnsafeOnCompleted(_afterRead);
        }
    }

    private void BeginRead()
    {
        // A large value is read straight into its own array.
        _direct = _parser.Missing.Length >= ReadBytes;
#pragma warning disable CA2012 // Its result is taken once: by whoever goes on after the read.
        _reading = _stream.ReadAsync(_direct ? _parser.Missing : _buffer).ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
    }

    /// <summary>
    /// Callers and the handler go on here once the next read is under way: it ends on another thread, so the socket is read whatever
    /// they do. When it has already ended, the pool takes care of them and this thread reads on.
    /// </summary>
    private void AfterRead()
    {
        RespBatch? due;
        while (TryTakeIn(out due) && TryBeginRead())
        {
            if (!_reading.IsCompleted)
            {
                // Copies: the next read may have ended, and the one after it begun, before this line is left.
                var reading = _reading;
                var heard = TakeHeard();
                reading.UnsafeOnCompleted(_afterRead);
                GoOn(due, heard);
                return;
            }

            LeaveToPool(due, TakeHeard());
        }

        LeaveToPool(due, TakeHeard());
    }

    private bool TakeHeard()
    {
        var heard = _heard;
        _heard = false;
        return heard;
    }

    /// <summary>Where there are callers too, the handler, who may take his time, is left to the pool.</summary>
    private void GoOn(RespBatch? due, bool heard)
    {
        if (heard && due is null)
        {
            _inbox!.Execute();
            return;
        }

        if (heard)
        {
            _inbox!.Queue();
        }

        due?.Run();
    }

    private void LeaveToPool(RespBatch? due, bool heard)
    {
        if (heard)
        {
            _inbox!.Queue();
        }

        due?.Queue();
    }

    private bool TryBeginRead()
    {
        try
        {
            BeginRead();
            return true;
        }
        catch (Exception error)
        {
            Close(Errors.ConnectionLost(Name, error));
            return false;
        }
    }

    private bool TryTakeIn(out RespBatch? due)
    {
        due = null;
        try
        {
            var count = _reading.GetResult();
            if (count == 0)
            {
                Close(Errors.ClosedByServer(Name));
                return false;
            }

            Volatile.Write(ref _received, _time.GetTimestamp());
            if (_direct)
            {
                _parser.Fill(count);
                return true;
            }

            var error = Parse(_buffer.AsSpan(0, count));
            error = Answer(out due) ?? error;
            if (error is not null)
            {
                Close(error);
            }

            return error is null;
        }
        catch (Exception error)
        {
            Close(Errors.ConnectionLost(Name, error));
            return false;
        }
    }

    /// <summary>What stands before a malformed reply counts.</summary>
    private RespException? Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            while (_parser.TryRead(bytes, out var consumed, out var reply))
            {
                bytes = bytes[consumed..];
                _replies.Add(reply);
            }

            return null;
        }
        catch (RespException malformed)
        {
            return malformed;
        }
    }

    private RespException? Answer(out RespBatch? due)
    {
        due = null;
        var error = Match(out var flush);
        for (var i = 0; i < _answered.Count; i++)
        {
            Deliver(_answered[i], _replies[i], ref due);
        }

        _replies.Clear();
        _answered.Clear();
        if (flush)
        {
            StartFlush(idle: false);
        }

        return error;
    }

    /// <summary>Finds the calls of the replies, null for a push or where nobody waits any more.</summary>
    private RespException? Match(out bool flush)
    {
        flush = false;
        lock (_gate)
        {
            for (var i = 0; i < _replies.Count; i++)
            {
                var reply = _replies[i];
                if (reply.Type == RespType.Push && !IsConfirmation_NeedsLock(reply))
                {
                    _answered.Add(null);
                    continue;
                }

                if (!_inFlight.TryPeek(out var call) || call.Offset >= _handed)
                {
                    // A server that turns clients away says why before it is asked anything.
                    return reply.IsError ? RespServerError.From(null, reply) : Errors.UnaskedReply();
                }

                _inFlight.Dequeue();
                _bytesInFlight -= call.Bytes;
                _answered.Add(Taken_NeedsLock(call, i));
            }

            AdmitWaiting_NeedsLock();
            flush = TakeFlush_NeedsLock();
            return null;
        }
    }

    private RespCall? Taken_NeedsLock(RespCall call, int index)
    {
        var wanted = call.State == RespCallState.InFlight;
        call.State = RespCallState.Over;
        if (wanted)
        {
            return call;
        }

        _replies[index] = RespReply.Null;
        call.Release();
        return null;
    }

    private void Deliver(RespCall? call, in RespReply reply, ref RespBatch? due)
    {
        if (call is null)
        {
            if (reply.Type == RespType.Push)
            {
                _heard |= _inbox is not null && _inbox.Put(RespEvent.Push(reply));
            }
        }
        else if (call.Ordered)
        {
            _heard |= _inbox is not null
                && _inbox.Put(reply.IsError ? RespEvent.Failure(call.Tag, RespServerError.From(call.Name, reply)) : RespEvent.Answer(call.Tag, reply));
            call.Release();
            call.Release();
        }
        else
        {
            due ??= RespBatch.Take(this);
            due.Add(call, reply);
        }
    }

    /// <summary>
    /// In RESP3 the reply to a subscription is a push. It stands where the reply would, so it is one exactly if the subscription is the
    /// next call to be answered; another is the server's own doing.
    /// </summary>
    private bool IsConfirmation_NeedsLock(in RespReply push) =>
        _inFlight.TryPeek(out var call)
        && call.Channel is { } channel
        && push.Items is [{ Type: RespType.Bulk } verb, { Type: RespType.Bulk } named, ..]
        && named.Is(channel)
        && verb.Text().Equals(call.Name, StringComparison.OrdinalIgnoreCase);
}
