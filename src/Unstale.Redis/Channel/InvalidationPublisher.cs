using Microsoft.Extensions.Logging;
using Unstale.Redis.Link;
using Unstale.Redis.Telemetry;

namespace Unstale.Redis.Channel;

/// <summary>
/// Tells other services over a channel what to forget. Call it after the commit. Those who do not listen at that moment do not hear it.
/// </summary>
public sealed class InvalidationPublisher : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private readonly ChannelLine _line;
    private readonly bool _ownsLine;
    private int _saidFailure;

    internal InvalidationPublisher(ChannelLine line, bool ownsLine = false)
    {
        _line = line;
        _ownsLine = ownsLine;
    }

    /// <summary>What was published and heard over this channel.</summary>
    public ChannelStatistics Statistics => _line.Statistics;

    /// <summary>The name of the channel.</summary>
    public string Channel => _line.Options.Channel;

    /// <summary>What messages say of who sent them.</summary>
    public string ServiceName => _line.Options.ServiceName;

    internal ChannelLine Line => _line;

    /// <summary>Makes one over a connection of its own, which it begins to make at once. For use without a container.</summary>
    /// <param name="configuration">The server, as in <see cref="RedisOptions.Configuration"/>.</param>
    /// <param name="serviceName">What messages say of who sent them.</param>
    /// <param name="configure">Changes further options.</param>
    /// <param name="loggers">Where it says what goes wrong; null for nowhere.</param>
    /// <exception cref="FormatException">The connection string is refused.</exception>
    /// <exception cref="ArgumentException">An option is refused.</exception>
    public static InvalidationPublisher Create(string configuration, string serviceName, Action<ChannelOptions>? configure = null, ILoggerFactory? loggers = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(serviceName);
        return new(ChannelLine.Create(configuration, serviceName, configure, loggers), ownsLine: true);
    }

    /// <summary>Waits for the first connection: for a program that has just begun, and publishes at once. Others need not call it.</summary>
    /// <param name="limit">The longest wait.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ChannelException">There is none within the limit.</exception>
    public async ValueTask ConnectAsync(TimeSpan limit, CancellationToken cancellationToken = default)
    {
        try
        {
            await _line.Hub.ConnectedAsync(limit, cancellationToken).ConfigureAwait(false);
        }
        catch (CallException why)
        {
            throw Errors.ChannelNotReached(Channel, _line.Hub.EndPoint, why);
        }
    }

    /// <summary>Publishes a message as it is.</summary>
    /// <returns>How many subscribers the server gave it to; none is no error.</returns>
    /// <exception cref="ChannelException">It was not published within a second.</exception>
    /// <exception cref="ArgumentException">
    /// A text in it is none, or the message is larger than readers take: 8 MB, 100,000 <see cref="InvalidationMessage.EntityIds"/>, 64 KB of
    /// <see cref="InvalidationMessage.Metadata"/>.
    /// </exception>
    public async ValueTask<long> PublishAsync(InvalidationMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        var payload = message.ToUtf8();
        MessageLimits.Check(message, payload);
        _line.Own.Add(message.MessageId);
        return await PublishAsync(Channel, payload, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Publishes what a plain channel carries. It has no id: who publishes and listens hears it too.</summary>
    /// <param name="channel">The name of the channel.</param>
    /// <param name="payload">See <see cref="PlainMessages"/>.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <inheritdoc cref="PublishAsync(InvalidationMessage, CancellationToken)"/>
    public async ValueTask<long> PublishAsync(string channel, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(channel);
        MessageWriter.CheckChannel(channel);
        MessageLimits.Check(payload.Span);
        try
        {
            var receivers = await SendAsync(channel, payload, cancellationToken).ConfigureAwait(false);
            _line.Statistics.Count(static figures => figures with { Published = figures.Published + 1 });
            return receivers;
        }
        catch (Exception why) when (why is CallException or TimeoutException)
        {
            _line.Statistics.Count(static figures => figures with { Errors = figures.Errors + 1 });
            throw Errors.NotPublished(channel, _line.Hub.EndPoint, why);
        }
    }

    /// <summary>Publishes a message as it is; a failure is logged and counted, and the caller goes on.</summary>
    /// <returns>How many subscribers the server gave it to; null if it was not published, or if that is unknown.</returns>
    public async ValueTask<long?> TryPublishAsync(InvalidationMessage message, CancellationToken cancellationToken = default)
    {
        try
        {
            var receivers = await PublishAsync(message, cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _saidFailure, 0);
            return receivers;
        }
        catch (ChannelException why)
        {
            Say(why);
            return null;
        }
    }

    /// <summary>The same for a plain channel.</summary>
    /// <inheritdoc cref="TryPublishAsync(InvalidationMessage, CancellationToken)"/>
    public async ValueTask<long?> TryPublishAsync(string channel, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default)
    {
        try
        {
            var receivers = await PublishAsync(channel, payload, cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _saidFailure, 0);
            return receivers;
        }
        catch (ChannelException why)
        {
            Say(why);
            return null;
        }
    }

    /// <summary>A message that one entity is gone, named so that <see cref="PublishAsync(InvalidationMessage, CancellationToken)"/> of this publisher is known to its own.</summary>
    public InvalidationMessage Delete(EntityType type, string id) => Named(InvalidationMessage.Delete(type, id, ServiceName, _line.Hub.TimeProvider));

    /// <summary>A message that one entity has changed.</summary>
    public InvalidationMessage Update(EntityType type, string id) => Named(InvalidationMessage.Update(type, id, ServiceName, _line.Hub.TimeProvider));

    /// <summary>A message that these cache keys are to be forgotten.</summary>
    public InvalidationMessage Batch(IEnumerable<string> keys) => Named(InvalidationMessage.Batch(keys, ServiceName, _line.Hub.TimeProvider));

    /// <summary>A message that all cache keys that the pattern matches are to be forgotten.</summary>
    public InvalidationMessage Pattern(string pattern) => Named(InvalidationMessage.ForPattern(pattern, ServiceName, _line.Hub.TimeProvider));

    /// <summary>Everyone forgets this user.</summary>
    /// <inheritdoc cref="PublishAsync(InvalidationMessage, CancellationToken)"/>
    public ValueTask<long> InvalidateUserAsync(string id, CancellationToken cancellationToken = default) => PublishAsync(Delete(EntityType.User, id), cancellationToken);

    /// <summary>Everyone forgets this post.</summary>
    /// <inheritdoc cref="PublishAsync(InvalidationMessage, CancellationToken)"/>
    public ValueTask<long> InvalidatePostAsync(string id, CancellationToken cancellationToken = default) => PublishAsync(Delete(EntityType.Post, id), cancellationToken);

    /// <summary>Everyone forgets this comment.</summary>
    /// <inheritdoc cref="PublishAsync(InvalidationMessage, CancellationToken)"/>
    public ValueTask<long> InvalidateCommentAsync(string id, CancellationToken cancellationToken = default) => PublishAsync(Delete(EntityType.Comment, id), cancellationToken);

    /// <summary>Everyone forgets this notification.</summary>
    /// <inheritdoc cref="PublishAsync(InvalidationMessage, CancellationToken)"/>
    public ValueTask<long> InvalidateNotificationAsync(string id, CancellationToken cancellationToken = default) =>
        PublishAsync(Delete(EntityType.Notification, id), cancellationToken);

    /// <summary>Everyone forgets this feed.</summary>
    /// <inheritdoc cref="PublishAsync(InvalidationMessage, CancellationToken)"/>
    public ValueTask<long> InvalidateFeedAsync(string id, CancellationToken cancellationToken = default) => PublishAsync(Delete(EntityType.Feed, id), cancellationToken);

    /// <summary>Everyone forgets an entity of a type of the services' own.</summary>
    /// <inheritdoc cref="PublishAsync(InvalidationMessage, CancellationToken)"/>
    public ValueTask<long> InvalidateCustomAsync(string type, string id, CancellationToken cancellationToken = default) =>
        PublishAsync(Delete(EntityType.Custom(type), id), cancellationToken);

    /// <summary>Everyone forgets what the pattern matches; <c>*</c> is everything.</summary>
    /// <inheritdoc cref="PublishAsync(InvalidationMessage, CancellationToken)"/>
    public ValueTask<long> InvalidatePatternAsync(string pattern, CancellationToken cancellationToken = default) => PublishAsync(Pattern(pattern), cancellationToken);

    /// <summary>Everyone forgets these cache keys: one message.</summary>
    /// <remarks>
    /// A key that is null or no text, and a list that throws, do not spare the others: the keys that were read are published first, and the first failure
    /// is thrown then.
    /// </remarks>
    /// <inheritdoc cref="PublishAsync(InvalidationMessage, CancellationToken)"/>
    public async ValueTask<long> InvalidateBatchAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var (named, failure) = BatchKeys.Read(keys);
        if (named.Count == 0)
        {
            failure?.Throw();
        }

        try
        {
            return await PublishAsync(Batch(named), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            failure?.Throw();
        }
    }

    /// <summary>Ends the connection, if it is its own.</summary>
    public ValueTask DisposeAsync() => _ownsLine ? _line.DisposeAsync() : default;

    private InvalidationMessage Named(InvalidationMessage message) => message.Named(_line.NewId());

    /// <summary>The wait for a connection and that for the reply share one limit.</summary>
    private async ValueTask<long> SendAsync(string channel, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var began = _line.Hub.TimeProvider.GetTimestamp();
        var bytes = payload.ToArray(); // before the wait: the caller may reuse the memory
        var connection = await _line.Hub.ConnectedAsync(Limit, cancellationToken).ConfigureAwait(false);
        var left = Limit - _line.Hub.TimeProvider.GetElapsedTime(began);
        if (left <= TimeSpan.Zero)
        {
            throw Errors.NotConnected(_line.Hub.EndPoint, _line.Hub.LastFailure);
        }

        return await connection.PublishAsync(channel, bytes, left, cancellationToken).ConfigureAwait(false);
    }

    private void Say(ChannelException why)
    {
        if (Interlocked.Exchange(ref _saidFailure, 1) == 0)
        {
            _line.Logger.NotPublished(why.Message);
        }
    }
}
