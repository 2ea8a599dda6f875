namespace Unstale.Redis.Resp;

internal sealed partial class RespConnection
{
    private RespOutput _out = new();
    private RespOutput _sending = new();
    private long _appended;
    private long _handed;
    private bool _flushing;

    void IThreadPoolWorkItem.Execute() => _ = FlushAsync(once: false);

    private void Enqueue(RespCall call, RespCommand command, TimeSpan timeout)
    {
        var encoded = command.Encoded();
        call.Bytes = encoded.Length;
        call.Deadline = timeout == Timeout.InfiniteTimeSpan
            ? long.MaxValue
            : _time.GetTimestamp() + (long)(timeout.TotalSeconds * _time.TimestampFrequency);
        if (!TryAccept(call, command, encoded, out var idle, out var flush))
        {
            End(call, Errors.NotSent(call.Name, Name, _closed!));
        }
        else if (flush)
        {
            StartFlush(idle);
        }
    }

    private bool TryAccept(RespCall call, RespCommand command, ReadOnlySpan<byte> encoded, out bool idle, out bool flush)
    {
        lock (_gate)
        {
            idle = _inFlight.Count == 0;
            flush = false;
            if (_closed is not null)
            {
                return false;
            }

            if (call.Ordered || HasRoom_NeedsLock(call.Bytes))
            {
                Admit_NeedsLock(call, encoded);
            }
            else
            {
                call.Command = command;
                _waiting.Enqueue(call);
            }

            ArmSweep_NeedsLock();
            flush = !RespBatch.SendsFor(this) && TakeFlush_NeedsLock();
            return true;
        }
    }

    /// <summary>Sends what has come together, unless another thread is about to.</summary>
    public void Flush()
    {
        bool flush;
        lock (_gate)
        {
            flush = TakeFlush_NeedsLock();
        }

        if (flush)
        {
            _ = FlushAsync(once: true);
        }
    }

    /// <summary>A caller alone sends at once; where others are about, the pool sends, so that more of them go out together.</summary>
    private void StartFlush(bool idle)
    {
        if (idle)
        {
            _ = FlushAsync(once: true);
            return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>The first command always has room, however large it is; the others wait in their order.</summary>
    private bool HasRoom_NeedsLock(int bytes) =>
        _waiting.Count == 0 && (_bytesInFlight == 0 || _bytesInFlight + bytes <= _options.MaximumBytesInFlight);

    private void Admit_NeedsLock(RespCall call, ReadOnlySpan<byte> encoded)
    {
        _out.Append(encoded);
        call.Offset = _appended;
        call.State = RespCallState.InFlight;
        call.Command = null;
        _appended += encoded.Length;
        _bytesInFlight += encoded.Length;
        _inFlight.Enqueue(call);
    }

    private void AdmitWaiting_NeedsLock()
    {
        while (_waiting.TryPeek(out var call))
        {
            if (call.State == RespCallState.Waiting)
            {
                if (_bytesInFlight > 0 && _bytesInFlight + call.Bytes > _options.MaximumBytesInFlight)
                {
                    return;
                }

                // Its maker keeps the command until the call is over, and a call is over only under this lock.
                Admit_NeedsLock(call, call.Command!.Encoded());
                _waiting.Dequeue();
                continue;
            }

            _waiting.Dequeue();
            call.Release();
        }
    }

    private bool TakeFlush_NeedsLock()
    {
        if (_flushing || _out.Length == 0)
        {
            return false;
        }

        return _flushing = true;
    }

    private async Task FlushAsync(bool once)
    {
        try
        {
            while (TakeBatch())
            {
                await _stream.WriteAsync(_sending.Written).ConfigureAwait(false);
                _sending.Clear();
                if (once)
                {
                    if (!HasMore())
                    {
                        return;
                    }

                    // The caller wants its own reply, not to send for all the others.
                    ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                    return;
                }
            }
        }
        catch (Exception error)
        {
            Close(Errors.ConnectionLost(Name, error));
        }
    }

    private bool TakeBatch()
    {
        lock (_gate)
        {
            if (_out.Length == 0 || _closed is not null)
            {
                return _flushing = false;
            }

            (_out, _sending) = (_sending, _out);
            _handed += _sending.Length;
            return true;
        }
    }

    private bool HasMore()
    {
        lock (_gate)
        {
            return _flushing = _out.Length > 0 && _closed is null;
        }
    }
}
