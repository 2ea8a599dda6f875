namespace Unstale.Redis.Resp;

internal sealed partial class RespConnection
{
    private const int ReadBytes = 32 << 10;

    private readonly RespParser _parser;
    private long _received;

    private async Task ReadAsync()
    {
        var buffer = new byte[ReadBytes];
        try
        {
            while (true)
            {
                // A large value is read straight into its own array.
                var direct = _parser.Missing.Length >= ReadBytes;
                var count = await _stream.ReadAsync(direct ? _parser.Missing : buffer).ConfigureAwait(false);
                if (count == 0)
                {
                    Close(Errors.ClosedByServer(Name));
                    return;
                }

                Volatile.Write(ref _received, _time.GetTimestamp());
                if (direct)
                {
                    _parser.Fill(count);
                }
                else
                {
                    Take(buffer.AsSpan(0, count));
                }
            }
        }
        catch (RespException said)
        {
            Close(said);
        }
        catch (Exception error)
        {
            Close(Errors.ConnectionLost(Name, error));
        }
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        while (_parser.TryRead(bytes, out var consumed, out var reply))
        {
            bytes = bytes[consumed..];
            if (reply.Type != RespType.Push || IsConfirmation(reply))
            {
                Answer(reply);
            }
            else
            {
                _inbox?.Add(RespEvent.Push(reply));
            }
        }
    }

    /// <summary>
    /// In RESP3 the reply to a subscription is a push. It stands where the reply would, so it is one exactly if the subscription is the
    /// next call to be answered; another is the server's own doing.
    /// </summary>
    private bool IsConfirmation(in RespReply push)
    {
        lock (_gate)
        {
            return _inFlight.TryPeek(out var call)
                && call.Channel is { } channel
                && push.Items is [{ Type: RespType.Bulk } verb, { Type: RespType.Bulk } named, ..]
                && named.Is(channel)
                && verb.Text().Equals(call.Name, StringComparison.OrdinalIgnoreCase);
        }
    }

    private void Answer(in RespReply reply)
    {
        RespCall? call;
        bool wanted, flush;
        lock (_gate)
        {
            if (!_inFlight.TryPeek(out call) || call.Offset >= _handed)
            {
                // A server that turns clients away says why before it is asked anything.
                throw reply.IsError ? RespServerError.From(null, reply) : Errors.UnaskedReply();
            }

            _inFlight.Dequeue();
            _bytesInFlight -= call.Bytes;
            wanted = call.State == RespCallState.InFlight;
            call.State = RespCallState.Over;
            AdmitWaiting_NeedsLock();
            flush = TakeFlush_NeedsLock();
        }

        if (wanted)
        {
            Deliver(call, reply);
        }

        call.Release();
        if (flush)
        {
            StartFlush(idle: false);
        }
    }

    private void Deliver(RespCall call, in RespReply reply)
    {
        if (reply.IsError)
        {
            Fail(call, RespServerError.From(call.Name, reply));
        }
        else if (call.Ordered)
        {
            _inbox?.Add(RespEvent.Answer(call.Tag, reply));
            call.Release();
        }
        else
        {
            call.Succeed(reply);
        }
    }
}
