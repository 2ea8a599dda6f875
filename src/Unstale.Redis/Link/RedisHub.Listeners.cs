using Unstale.Boundary;
using Unstale.Redis.Resp;
using Unstale.Redis.Telemetry;

namespace Unstale.Redis.Link;

/// <content>Who listens, and what of it is subscribed on the link of the moment.</content>
internal sealed partial class RedisHub
{
    /// <summary>Of the link that stands or is about to: what was asked of it, by channel.</summary>
    private readonly Dictionary<string, Task> _subscriptions = new(StringComparer.Ordinal);
    private ListenerSeat[] _seats = [];

    /// <summary>While a link stands, the listener is told of it as soon as its channel is subscribed.</summary>
    public void Add(IRedisListener listener)
    {
        var seat = new ListenerSeat(listener);
        RedisLink? current;
        lock (_gate)
        {
            _seats = [.. _seats, seat];
            if (_link is { } link)
            {
                Subscribe_NeedsLock(link, seat.Channel);
            }

            current = _current;
        }

        if (current is not null)
        {
            _ = WithoutExecutionContext.Start((Hub: this, seat, current), static s => s.Hub.SeatAsync(s.seat, s.current));
        }
    }

    /// <summary>When this returns, the listener hears nothing any more.</summary>
    public void Remove(IRedisListener listener)
    {
        ListenerSeat? seat;
        lock (_gate)
        {
            seat = Array.Find(_seats, s => s.Listener == listener);
            _seats = [.. _seats.Where(s => s != seat)];
            if (seat is not null && _link is { } link && !Array.Exists(_seats, s => s.Channel == seat.Channel) && _subscriptions.Remove(seat.Channel))
            {
                _ = IgnoreAsync(link.Control.UnsubscribeAsync(seat.Channel));
            }
        }

        seat?.Leave();
    }

    private async Task SubscribeAllAsync(RedisLink link)
    {
        Task[] all;
        lock (_gate)
        {
            _link = link;
            _subscriptions.Clear();
            foreach (var seat in _seats)
            {
                Subscribe_NeedsLock(link, seat.Channel);
            }

            all = [.. _subscriptions.Values];
        }

        await Task.WhenAll(all).ConfigureAwait(false);
    }

    /// <summary>Sent under the lock: subscribing and unsubscribing must reach the server in the order in which they are noted here.</summary>
    private void Subscribe_NeedsLock(RedisLink link, string channel)
    {
        if (!_subscriptions.ContainsKey(channel))
        {
            _subscriptions.Add(channel, link.Control.SubscribeAsync(channel).AsTask());
        }
    }

    /// <summary>The link that was prepared stands.</summary>
    private void Announce()
    {
        ListenerSeat[] seats;
        RedisLink link;
        lock (_gate)
        {
            link = _link!;
            _current = link;
            seats = _seats;
        }

        SayUp(link.Control.Server);
        Greet?.Invoke(link);
        foreach (var seat in seats)
        {
            _ = SeatAsync(seat, link);
        }
    }

    private async Task SeatAsync(ListenerSeat seat, RedisLink link)
    {
        try
        {
            Task? subscribed;
            lock (_gate)
            {
                subscribed = _link == link ? _subscriptions.GetValueOrDefault(seat.Channel) : null;
            }

            if (subscribed is not null)
            {
                await subscribed.ConfigureAwait(false);
                seat.Up(link, stands => stands == Volatile.Read(ref _current));
            }
        }
        catch (Exception error)
        {
            link.Drop(error);
        }
    }

    private void Withdraw(Exception why)
    {
        var link = Volatile.Read(ref _current);
        Forget();
        if (link is null)
        {
            return;
        }

        link.Drop(why);
        if (!_disposed)
        {
            _logger.LinkDown(Unforeseen(why), EndPoint, UserCode.MessageOf(why));
        }

        foreach (var seat in Volatile.Read(ref _seats))
        {
            seat.Down(link, why);
        }
    }

    private void Forget()
    {
        lock (_gate)
        {
            _link = null;
            _current = null;
            _subscriptions.Clear();
        }
    }

    private void Handle(RespConnection connection, in RespEvent e)
    {
        if (e.Kind == RespEventKind.Loss)
        {
            foreach (var seat in Volatile.Read(ref _seats))
            {
                seat.PushesLost(connection);
            }
        }
        else if (e.Kind == RespEventKind.Push && e.Reply.Items is [var verb, var channel, { Type: RespType.Bulk } payload] && verb.Is("message"u8))
        {
            foreach (var seat in Volatile.Read(ref _seats))
            {
                if (seat.Hears(channel))
                {
                    seat.Pushed(connection, payload);
                }
            }
        }
    }

    private static async Task IgnoreAsync(ValueTask<RespReply> call)
    {
        try
        {
            await call.ConfigureAwait(false);
        }
        catch (RespException)
        {
            // The link ends, and its subscriptions with it.
        }
    }
}
