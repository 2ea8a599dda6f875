using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Redis.Telemetry;

namespace Unstale.Redis.Channel;

/// <summary>
/// Receives invalidations from other services over a channel. A lost connection is reopened automatically.
/// </summary>
public sealed partial class InvalidationSubscriber : IAsyncDisposable
{
    private readonly ChannelConnection _connection;
    private readonly bool _ownsConnection;
    private int _loggedFailed;

    internal InvalidationSubscriber(ChannelConnection connection, bool ownsConnection = false)
    {
        _connection = connection;
        _ownsConnection = ownsConnection;
    }

    /// <summary>Statistics of messages published and received over this channel.</summary>
    public ChannelStatistics Statistics => _connection.Statistics;

    /// <summary>Name of the channel.</summary>
    public string Channel => _connection.Options.Channel;

    /// <summary>Creates a subscriber with a connection of its own, which is opened immediately. For use without a container.</summary>
    /// <param name="configuration">Connection string of the server, as in <see cref="RedisOptions.Configuration"/>.</param>
    /// <param name="configure">Changes further options.</param>
    /// <param name="loggers">Logger factory; null for no logging.</param>
    /// <exception cref="FormatException">The connection string is rejected.</exception>
    /// <exception cref="ArgumentException">An option is rejected.</exception>
    public static InvalidationSubscriber Create(string configuration, Action<ChannelOptions>? configure = null, ILoggerFactory? loggers = null) =>
        new(ChannelConnection.Create(configuration, "", configure, loggers), ownsConnection: true);

    /// <summary>Creates a subscriber over the connection of a publisher. The subscriber ignores messages of that publisher.</summary>
    public static InvalidationSubscriber Create(InvalidationPublisher beside)
    {
        ArgumentNullException.ThrowIfNull(beside);
        return new(beside.Connection);
    }

    /// <summary>Subscribes to the channel, now or as soon as the server is reachable.</summary>
    /// <param name="callback">
    /// Called with one message at a time, in order. An exception is counted and logged, and the next message follows.
    /// </param>
    /// <param name="onGap">
    /// Called when messages may have been missed: once after each lost subscription, when the channel is subscribed again, and when messages were dropped
    /// because they arrived too fast. The callback should discard everything cached. Called again if it throws.
    /// </param>
    public InvalidationSubscription Subscribe(
        Func<InvalidationMessage, CancellationToken, ValueTask> callback, Func<CancellationToken, ValueTask>? onGap = null)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return Listen(callback, onGap is null ? null : (_, stop) => onGap(stop));
    }

    internal InvalidationSubscription Listen(
        Func<InvalidationMessage, CancellationToken, ValueTask> callback, Func<long?, CancellationToken, ValueTask>? missed) =>
        new(new ChannelListener(
            _connection.Hub, Channel, _connection.Options.QueueCapacity, (payload, stop) => ReceiveAsync(payload, callback, stop), missed, Statistics, _connection.Logger));

    /// <summary>Closes the connection if this subscriber owns it.</summary>
    public ValueTask DisposeAsync() => _ownsConnection ? _connection.DisposeAsync() : default;

    private async ValueTask ReceiveAsync(byte[] payload, Func<InvalidationMessage, CancellationToken, ValueTask> callback, CancellationToken stop)
    {
        if (!InvalidationMessage.TryParse(payload, out var message, out var reason))
        {
            Reject(reason!);
            return;
        }

        if (!_connection.Options.ReceiveOwn && (_connection.Own.Contains(message.MessageId) || _connection.IsOfLog(message.MessageId)))
        {
            Statistics.Count(static figures => figures with { Own = figures.Own + 1 });
            return;
        }

        var time = _connection.Hub.TimeProvider;
        Statistics.AddReceived(Math.Max(0, (time.GetUtcNow() - message.Timestamp.ToDateTimeOffset()).TotalMilliseconds));
        var began = time.GetTimestamp();
        if (await UserCode.CallAsync(CallOut.Handler, (callback, message, stop), static s => s.callback(s.message, s.stop)).ConfigureAwait(false) is { } error)
        {
            Fail(error);
        }
        else
        {
            Volatile.Write(ref _loggedFailed, 0);
        }

        Statistics.RecordLatency(time.GetElapsedTime(began).TotalMilliseconds);
    }

    private void Reject(string reason)
    {
        Statistics.Count(static figures => figures with { Rejected = figures.Rejected + 1, Errors = figures.Errors + 1 });
        if (_connection.IsFirstRejected(Channel))
            _connection.Logger.MessageRejected(Channel, reason);
    }

    /// <summary>Counts a failed callback. Of several failures in a row, the first is logged.</summary>
    private void Fail(Exception error)
    {
        Statistics.Count(static figures => figures with { Errors = figures.Errors + 1 });
        if (Interlocked.Exchange(ref _loggedFailed, 1) == 0)
            _connection.Logger.CallbackFailed(error, Channel);
    }
}
