using Unstale.Boundary;
using Unstale.Redis.Telemetry;

namespace Unstale.Redis.Link;

/// <content>Who listens, and what of it is subscribed on the link of the moment.</content>
internal sealed partial class RedisHub
{
    /// <summary>Of the link that stands or is about to: what was asked of it, by channel.</summary>
    private readonly Dictionary<string, Task> _subscriptions = new(StringComparer.Ordinal);

    /// <summary>Ends when the last channel that was left is unsubscribed: it may be wanted again meanwhile.</summary>
    private Task _endings = Task.CompletedTask;
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
                Subscribe_NeedsLock(link, seat);
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
            if (seat is not null && _link is { } link && !Array.Exists(_seats, s => s.Channel == seat.Channel) && _subscriptions.Remove(seat.Channel, out var earlier))
            {
                _ = WithoutExecutionContext.Start((Hub: this, earlier, link, seat), static s => s.Hub.EndAsync(s.earlier, s.link, s.seat.Channel));
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
                Subscribe_NeedsLock(link, seat);
            }

            all = [.. _subscriptions.Values];
        }

        await Task.WhenAll(all).ConfigureAwait(false);
    }

    /// <summary>Subscribing and unsubscribing reach the client in the order in which they are noted here.</summary>
    private void Subscribe_NeedsLock(RedisLink link, ListenerSeat seat)
    {
        if (!_subscriptions.ContainsKey(seat.Channel))
        {
            var earlier = _endings;
            _subscriptions.Add(seat.Channel, WithoutExecutionContext.Start((earlier, link, seat), static s => SubscribeAsync(s.earlier, s.link, s.seat)));
        }
    }

    private static async Task SubscribeAsync(Task earlier, RedisLink link, ListenerSeat seat)
    {
        if (seat.Listener.IsOfLog && !link.Data.Server.HasStreams)
        {
            throw Errors.ServerWithoutStreams(link.Data.Place);
        }

        await earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await link.Control.SubscribeAsync(seat.Channel, seat.IsSharded(link), seat.Listener.IsOfLog).ConfigureAwait(false);
    }

    /// <summary>The link that was prepared stands.</summary>
    private void Announce(RedisLink link)
    {
        ListenerSeat[] seats;
        lock (_gate)
        {
            _current = link;
            seats = _seats;
        }

        SayUp(link);
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

    private void Withdraw(RedisLink link, Exception why)
    {
        Forget();
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

    private void Handle(RedisConnection connection, string channel, byte[]? payload)
    {
        foreach (var seat in Volatile.Read(ref _seats))
        {
            if (seat.Channel != channel)
            {
                continue;
            }

            if (payload is null)
            {
                seat.PushesLost(connection);
            }
            else
            {
                seat.Pushed(connection, payload);
            }
        }
    }

    private async Task EndAsync(Task subscribed, RedisLink link, string channel)
    {
        var ended = new TaskCompletionSource();
        _endings = ended.Task;
        try
        {
            await subscribed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await link.Control.UnsubscribeAsync(channel).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The link ends, and its subscriptions with it.
        }
        finally
        {
            ended.SetResult();
        }
    }
}
