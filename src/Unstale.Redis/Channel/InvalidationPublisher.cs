using Microsoft.Extensions.Logging;
using Unstale.Redis.Connection;
using Unstale.Redis.Telemetry;

namespace Unstale.Redis.Channel;

/// <summary>
/// Publishes invalidations to other services over a channel. Publish after the commit. Services without a subscription at that moment do not receive
/// the message.
/// </summary>
public sealed class InvalidationPublisher : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private readonly ChannelConnection _connection;
    private readonly bool _ownsConnection;
    private int _loggedFailure;

    internal InvalidationPublisher(ChannelConnection connection, bool ownsConnection = false)
    {
        _connection = connection;
        _ownsConnection = ownsConnection;
    }

    /// <summary>Statistics of messages published and received over this channel.</summary>
    public ChannelStatistics Statistics => _connection.Statistics;

    /// <summary>Name of the channel.</summary>
    public string Channel => _connection.Options.Channel;

    /// <summary>Name of the sender in messages.</summary>
    public string ServiceName => _connection.Options.ServiceName;

    internal ChannelConnection Connection => _connection;

    /// <summary>Creates a publisher with a connection of its own, which is opened immediately. For use without a container.</summary>
    /// <param name="configuration">Connection string of the server, as in <see cref="RedisOptions.Configuration"/>.</param>
    /// <param name="serviceName">Name of the sender in messages.</param>
    /// <param name="configure">Changes further options.</param>
    /// <param name="loggers">Logger factory; null for no logging.</param>
    /// <exception cref="FormatException">The connection string is rejected.</exception>
    /// <exception cref="ArgumentException">An option is rejected.</exception>
    public static InvalidationPublisher Create(string configuration, string serviceName, Action<ChannelOptions>? configure = null, ILoggerFactory? loggers = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(serviceName);
        return new(ChannelConnection.Create(configuration, serviceName, configure, loggers), ownsConnection: true);
    }

    /// <summary>Waits for the first connection, for a program that publishes immediately after its start. Other programs need not call this method.</summary>
    /// <param name="limit">Maximum time to wait.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="ChannelException">There is no connection within the limit.</exception>
    public async ValueTask ConnectAsync(TimeSpan limit, CancellationToken cancellationToken = default)
    {
        try
        {
            await _connection.Hub.ConnectedAsync(limit, cancellationToken).ConfigureAwait(false);
        }
        catch (CallException why)
        {
            throw Errors.ChannelNotReached(Channel, _connection.Hub.EndPoint, why);
        }
    }

    /// <summary>Publishes a message unchanged.</summary>
    /// <returns>Number of subscribers that received the message from the server. Zero is not an error.</returns>
    /// <exception cref="ChannelException">The message was not published within 1 second, or the outcome is unknown.</exception>
    /// <exception cref="ArgumentException">
    /// A text in the message is invalid, or the message exceeds the limits of readers: 8 MB, 100,000 <see cref="InvalidationMessage.EntityIds"/>, 64 KB of
    /// <see cref="InvalidationMessage.Metadata"/>.
    /// </exception>
    public async ValueTask<long> PublishAsync(InvalidationMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        var payload = message.ToUtf8();
        MessageLimits.Check(message, payload);
        _connection.Own.Add(message.MessageId);
        return await PublishAsync(Channel, payload, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Publishes a payload on a foreign channel. Such a payload has no id, so a subscribed sender also receives its own payloads.</summary>
    /// <param name="channel">Name of the channel.</param>
    /// <param name="payload">Payload; see <see cref="ForeignMessages"/>.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <inheritdoc cref="PublishAsync(InvalidationMessage, CancellationToken)"/>
    public async ValueTask<long> PublishAsync(string channel, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(channel);
        MessageWriter.CheckChannel(channel);
        MessageLimits.Check(payload.Span);
        try
        {
            var receivers = await SendAsync(channel, payload, cancellationToken).ConfigureAwait(false);
            _connection.Statistics.RecordPublish();
            return receivers;
        }
        catch (Exception why) when (why is CallException or TimeoutException)
        {
            _connection.Statistics.RecordError();
            throw Errors.NotPublished(channel, _connection.Hub.EndPoint, why);
        }
    }

    /// <summary>Publishes a message unchanged. A failure to publish is logged and counted instead of thrown.</summary>
    /// <returns>Number of subscribers that received the message from the server; null if the message was not published or the outcome is unknown.</returns>
    public async ValueTask<long?> TryPublishAsync(InvalidationMessage message, CancellationToken cancellationToken = default)
    {
        try
        {
            var receivers = await PublishAsync(message, cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _loggedFailure, 0);
            return receivers;
        }
        catch (ChannelException why)
        {
            LogNotPublished(why);
            return null;
        }
    }

    /// <summary>Publishes a payload on a foreign channel. A failure to publish is logged and counted instead of thrown.</summary>
    /// <inheritdoc cref="TryPublishAsync(InvalidationMessage, CancellationToken)"/>
    public async ValueTask<long?> TryPublishAsync(string channel, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default)
    {
        try
        {
            var receivers = await PublishAsync(channel, payload, cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _loggedFailure, 0);
            return receivers;
        }
        catch (ChannelException why)
        {
            LogNotPublished(why);
            return null;
        }
    }

    /// <summary>
    /// Creates a message that one entity was deleted. The id lets subscribers beside this publisher recognise the message after
    /// <see cref="PublishAsync(InvalidationMessage, CancellationToken)"/>.
    /// </summary>
    public InvalidationMessage Delete(EntityType type, string id) => Named(InvalidationMessage.Delete(type, id, ServiceName, _connection.Hub.TimeProvider));

    /// <summary>Creates a message that one entity has changed.</summary>
    public InvalidationMessage Update(EntityType type, string id) => Named(InvalidationMessage.Update(type, id, ServiceName, _connection.Hub.TimeProvider));

    /// <summary>Creates a message that invalidates cache keys.</summary>
    public InvalidationMessage Batch(IEnumerable<string> keys) => Named(InvalidationMessage.Batch(keys, ServiceName, _connection.Hub.TimeProvider));

    /// <summary>Creates a message that invalidates all cache keys matching the pattern.</summary>
    public InvalidationMessage Pattern(string pattern) => Named(InvalidationMessage.ForPattern(pattern, ServiceName, _connection.Hub.TimeProvider));

    /// <summary>Invalidates an entity of a custom type in all subscribed services.</summary>
    /// <inheritdoc cref="PublishAsync(InvalidationMessage, CancellationToken)"/>
    public ValueTask<long> InvalidateCustomAsync(string type, string id, CancellationToken cancellationToken = default) =>
        PublishAsync(Delete(EntityType.Custom(type), id), cancellationToken);

    /// <summary>Invalidates all keys matching the pattern in all subscribed services. <c>*</c> matches everything.</summary>
    /// <inheritdoc cref="PublishAsync(InvalidationMessage, CancellationToken)"/>
    public ValueTask<long> InvalidatePatternAsync(string pattern, CancellationToken cancellationToken = default) => PublishAsync(Pattern(pattern), cancellationToken);

    /// <summary>Invalidates cache keys in all subscribed services, with one message.</summary>
    /// <remarks>
    /// A key that is null or invalid text, or a list that throws, does not prevent the other keys: the keys read so far are published first, and then the
    /// first failure is thrown.
    /// </remarks>
    /// <inheritdoc cref="PublishAsync(InvalidationMessage, CancellationToken)"/>
    public async ValueTask<long> InvalidateBatchAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var (named, failure) = BatchKeys.Classify(keys);
        if (named.Count == 0)
            failure?.Throw();

        try
        {
            return await PublishAsync(Batch(named), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            failure?.Throw();
        }
    }

    /// <summary>Closes the connection if this publisher owns it.</summary>
    public ValueTask DisposeAsync() => _ownsConnection ? _connection.DisposeAsync() : default;

    private InvalidationMessage Named(InvalidationMessage message) => message.Named(_connection.NewId());

    /// <summary>Sends a payload. Waiting for the connection and waiting for the reply share one time limit.</summary>
    private async ValueTask<long> SendAsync(string channel, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var began = _connection.Hub.TimeProvider.GetTimestamp();
        var bytes = payload.ToArray(); // copied before the wait: the caller may reuse the memory
        var connection = await _connection.Hub.ConnectedAsync(Limit, cancellationToken).ConfigureAwait(false);
        var left = Limit - _connection.Hub.TimeProvider.GetElapsedTime(began);
        if (left <= TimeSpan.Zero)
            throw Errors.NotConnected(_connection.Hub.EndPoint, _connection.Hub.LastFailure);

        return await connection.PublishAsync(channel, bytes, left, cancellationToken).ConfigureAwait(false);
    }

    private void LogNotPublished(ChannelException why)
    {
        if (Interlocked.Exchange(ref _loggedFailure, 1) == 0)
            _connection.Logger.NotPublished(why.Message);
    }
}
