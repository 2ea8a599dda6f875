using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Log;
using Unstale.Redis.Log;
using Unstale.Redis.Telemetry;
using Unstale.Rules;

namespace Unstale.Redis.Channel;

/// <summary>Bridge between a log and the channels of services that do not use the log.</summary>
internal sealed class ChannelBridge : IAsyncDisposable, IDisposable
{
    private readonly IReadOnlyList<RedisInvalidationLog> _partitions;
    private readonly ChannelBridgeOptions _options;
    private readonly GuardedLogger _logger;
    private readonly ChannelConnection _connection;
    private readonly LogMessageIds _ids;
    private readonly InboundRecords _inbound;
    private readonly List<IAsyncDisposable> _listeners = [];
    private PartitionedRecords? _received;
    private OutboundRecords? _outbound;
    private PatternQueue? _patterns;
    private int _loggedRefused;
    private int _loggedCollapsed;

    public ChannelBridge(
        IReadOnlyList<RedisInvalidationLog> partitions, ChannelBridgeOptions options, InvalidationRules rules, string application, GuardedLogger logger, IMeterFactory? meters)
    {
        (_partitions, _options, _logger) = (partitions, options, logger);
        var log = partitions[0];
        _ids = new LogMessageIds(log.Keys.Identity);
        _inbound = new InboundRecords(options, rules, log.Hub.TimeProvider);
        var channel = new ChannelOptions
        {
            Channel = options.Channel,
            ServiceName = options.ServiceName.Length > 0 ? options.ServiceName : application,
            QueueCapacity = options.QueueCapacity,
        };
        _connection = new ChannelConnection(log.Hub, channel, logger, ownsHub: false, meters) { NewId = _ids.Create, IsOfLog = _ids.IsOurs };
        Publisher = new InvalidationPublisher(_connection);
    }

    /// <summary>Publisher for other services, of changes that are already in the log. The nodes of the log ignore these messages.</summary>
    public InvalidationPublisher Publisher { get; }

    /// <summary>Completes when all channels are subscribed for the first time.</summary>
    public Task Subscribed { get; private set; } = Task.CompletedTask;

    public void Start()
    {
        var received = _received = new PartitionedRecords(_partitions, _logger);
        _patterns = _options.AcceptEverything ? null : new PatternQueue(
            _inbound.Names, _options, () => received.Selectors, (pattern, from, stop) => received.AddAsync(_inbound.Translate(pattern, from), stop), _connection.Hub.TimeProvider);
        var subscription = new InvalidationSubscriber(_connection).Listen(
            (message, stop) => ReceiveAsync(received, message, stop), (link, stop) => MissAsync(_connection.Options.Channel, link, stop));
        var foreign = _options.ForeignMaps.Select(channel => new ChannelListener(
            _connection.Hub, channel.Key, _options.QueueCapacity, (payload, stop) => ReceiveForeignAsync(received, channel.Key, channel.Value, payload, stop),
            (link, stop) => MissAsync(channel.Key, link, stop), _connection.Statistics, _logger)).ToList();
        _listeners.AddRange([subscription, .. foreign]);
        Subscribed = Task.WhenAll(foreign.Select(static listener => listener.Subscribed).Append(subscription.Subscribed));
        if (_options.PublishRecords)
        {
            _outbound = new OutboundRecords(Publisher, _ids);
            foreach (var partition in _partitions)
                partition.Appended += Publish;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var listener in _listeners)
            await listener.DisposeAsync().ConfigureAwait(false);

        _listeners.Clear();
        if (Interlocked.Exchange(ref _patterns, null) is { } patterns)
            await patterns.DisposeAsync().ConfigureAwait(false);

        if (Interlocked.Exchange(ref _received, null) is { } received)
            await received.DisposeAsync().ConfigureAwait(false);

        if (Interlocked.Exchange(ref _outbound, null) is { } outbound)
        {
            foreach (var partition in _partitions)
                partition.Appended -= Publish;

            await outbound.DisposeAsync().ConfigureAwait(false);
        }

        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Supports containers that are not disposed asynchronously.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>Queues a record for publication. A target that reaches every partition is published once, from the first partition.</summary>
    private void Publish(int partition, InvalidationRecord record)
    {
        if (record.ReportedBy(partition) is { } own)
            _outbound?.Add(own);
    }

    private async ValueTask ReceiveAsync(PartitionedRecords received, InvalidationMessage message, CancellationToken stop)
    {
        var inbound = _inbound.Translate(message);
        await AddAsync(received, inbound, _options.Channel, stop).ConfigureAwait(false);
        if (_options.LogKeys && (inbound.Named > 0 || !inbound.IsRefused))
            LogInvalidated(message, inbound.Named);
    }

    private async ValueTask ReceiveForeignAsync(
        PartitionedRecords received, string channel, Func<ReadOnlyMemory<byte>, ForeignInvalidation> map, byte[] payload, CancellationToken stop)
    {
        Inbound? inbound = null;
        var failure = payload.Length > MessageLimits.Bytes
            ? Errors.ForeignMessageTooLarge()
            : UserCode.Call(CallOut.Handler, (map, payload, channel, _inbound), static s => Mapped(s.map, s.payload, s.channel, s._inbound), out inbound);
        if (failure is not null)
        {
            _connection.Statistics.Count(static figures => figures with { Rejected = figures.Rejected + 1, Errors = figures.Errors + 1 });
            if (_connection.IsFirstRejected(channel))
                _logger.MessageRejected(channel, failure is FormatException ? UserCode.MessageOf(failure) : failure.GetType().Name);

            return;
        }

        _connection.Statistics.Count(static figures => figures with { Received = figures.Received + 1 });
        if (inbound is not null)
            await AddAsync(received, inbound, channel, stop).ConfigureAwait(false);
    }

    private static Inbound? Mapped(Func<ReadOnlyMemory<byte>, ForeignInvalidation> map, byte[] payload, string channel, InboundRecords inbound)
    {
        var invalidation = map(payload);
        return invalidation.IsNothing ? null : inbound.Translate(invalidation, channel);
    }

    private async ValueTask AddAsync(PartitionedRecords received, Inbound inbound, string channel, CancellationToken stop)
    {
        if (inbound.IsRefused)
            Refuse(channel);

        foreach (var record in inbound.Records)
            await received.AddAsync(record, stop).ConfigureAwait(false);

        if (inbound.Patterns.Length > 0 && _patterns is { } patterns && !patterns.Add(inbound.Service, inbound.Patterns, inbound.Message, inbound.Reason))
            Collapsed(channel);
    }

    /// <summary>
    /// Invalidates everything that missed messages may have named. If messages were dropped because they arrived too fast, this is limited to the accepted
    /// names. After a lost subscription everything is invalidated: no service can cause that loss, and the missed messages may have concerned tags of single
    /// entities, which no prefix covers.
    /// </summary>
    private async ValueTask MissAsync(string channel, long? link, CancellationToken stop)
    {
        if (_received is not { } received)
            return;

        if (link is null && _inbound.AllAccepted(channel) is { } accepted)
        {
            await AddAsync(received, accepted, channel, stop).ConfigureAwait(false);
            return;
        }

        await received.AddEverythingAsync(_inbound.Everything(channel), link, stop).ConfigureAwait(false);
    }

    private void Refuse(string channel)
    {
        _connection.Statistics.Count(static figures => figures with { Refused = figures.Refused + 1 });
        if (Interlocked.Exchange(ref _loggedRefused, 1) != 0)
            return;

        if (_inbound.Names.HasLists)
        {
            _logger.NameRefused(channel);
        }
        else
        {
            _logger.EverythingRefused(channel);
        }
    }

    private void Collapsed(string channel)
    {
        _connection.Statistics.Count(static figures => figures with { Collapsed = figures.Collapsed + 1 });
        if (Interlocked.Exchange(ref _loggedCollapsed, 1) == 0)
            _logger.PatternsCollapsed(channel);
    }

    private void LogInvalidated(InvalidationMessage message, int named)
    {
        switch (message.Action)
        {
            case MessageAction.Batch:
                _logger.BatchInvalidated(named);
                break;
            case MessageAction.Pattern:
                _logger.PatternInvalidated(message.Pattern);
                break;
            default:
                _logger.KeyInvalidated(EntityKey.Of(message.EntityType, message.EntityId ?? ""));
                break;
        }
    }
}
