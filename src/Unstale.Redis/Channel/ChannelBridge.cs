using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Redis.Log;
using Unstale.Redis.Telemetry;
using Unstale.Rules;

namespace Unstale.Redis.Channel;

/// <summary>Between a log and the channels of services that do not know it.</summary>
internal sealed class ChannelBridge : IAsyncDisposable, IDisposable
{
    private readonly RedisInvalidationLog _log;
    private readonly ChannelBridgeOptions _options;
    private readonly GuardedLogger _logger;
    private readonly ChannelLine _line;
    private readonly LogMessageIds _ids;
    private readonly InboundRecords _inbound;
    private readonly List<IAsyncDisposable> _ears = [];
    private HeardRecords? _heard;
    private OutboundRecords? _outbound;
    private int _saidRefused;

    public ChannelBridge(RedisInvalidationLog log, ChannelBridgeOptions options, InvalidationRules rules, string application, GuardedLogger logger)
    {
        (_log, _options, _logger) = (log, options, logger);
        _ids = new LogMessageIds(log.Keys.Identity);
        _inbound = new InboundRecords(options, rules, log.Hub.TimeProvider);
        var channel = new ChannelOptions
        {
            Channel = options.Channel,
            ServiceName = options.ServiceName.Length > 0 ? options.ServiceName : application,
            QueueCapacity = options.QueueCapacity,
        };
        _line = new ChannelLine(log.Hub, channel, logger, ownsHub: false) { NewId = _ids.New, IsOfLog = _ids.IsOurs };
        Publisher = new InvalidationPublisher(_line);
    }

    /// <summary>Tells other services what the log knows already: its nodes leave out what this one says.</summary>
    public InvalidationPublisher Publisher { get; }

    /// <summary>Ends when all channels are subscribed for the first time.</summary>
    public Task Subscribed { get; private set; } = Task.CompletedTask;

    public void Start()
    {
        var heard = _heard = new HeardRecords(_log, _logger);
        var subscription = new InvalidationSubscriber(_line).Listen(
            (message, stop) => HearAsync(heard, message, stop), (link, stop) => MissAsync(_line.Options.Channel, link, stop));
        var plain = _options.Plain.Select(channel => new ChannelListener(
            _log.Hub, channel.Key, _options.QueueCapacity, (payload, stop) => HearPlainAsync(heard, channel.Key, channel.Value, payload, stop),
            (link, stop) => MissAsync(channel.Key, link, stop), _line.Statistics, _logger)).ToList();
        _ears.AddRange([subscription, .. plain]);
        Subscribed = Task.WhenAll(plain.Select(static listener => listener.Subscribed).Append(subscription.Subscribed));
        if (_options.PublishRecords)
        {
            _outbound = new OutboundRecords(Publisher, _ids);
            _log.Appended += _outbound.Add;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var ear in _ears)
        {
            await ear.DisposeAsync().ConfigureAwait(false);
        }

        _ears.Clear();
        if (Interlocked.Exchange(ref _heard, null) is { } heard)
        {
            await heard.DisposeAsync().ConfigureAwait(false);
        }

        if (Interlocked.Exchange(ref _outbound, null) is { } outbound)
        {
            _log.Appended -= outbound.Add;
            await outbound.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>For a container that is not disposed asynchronously.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private async ValueTask HearAsync(HeardRecords heard, InvalidationMessage message, CancellationToken stop)
    {
        if (_inbound.Of(message) is not { } records)
        {
            Refuse();
            return;
        }

        await AddAsync(heard, records, stop).ConfigureAwait(false);
        if (_options.LogKeys)
        {
            Say(message);
        }
    }

    private async ValueTask HearPlainAsync(
        HeardRecords heard, string channel, Func<ReadOnlyMemory<byte>, PlainInvalidation> map, byte[] payload, CancellationToken stop)
    {
        var failure = UserCode.Call(CallOut.Handler, (map, payload, channel, _inbound), static s => Mapped(s.map, s.payload, s.channel, s._inbound), out var records);
        if (failure is not null)
        {
            _line.Statistics.Count(static figures => figures with { Rejected = figures.Rejected + 1, Errors = figures.Errors + 1 });
            if (_line.IsFirstRejected(channel))
            {
                _logger.MessageRejected(channel, failure is FormatException ? UserCode.MessageOf(failure) : failure.GetType().Name);
            }

            return;
        }

        _line.Statistics.Count(static figures => figures with { Received = figures.Received + 1 });
        await AddAsync(heard, records, stop).ConfigureAwait(false);
    }

    private static IReadOnlyList<HeardRecord> Mapped(Func<ReadOnlyMemory<byte>, PlainInvalidation> map, byte[] payload, string channel, InboundRecords inbound)
    {
        var said = map(payload);
        return said.IsNothing ? [] : inbound.Of(said, channel);
    }

    private static async ValueTask AddAsync(HeardRecords heard, IReadOnlyList<HeardRecord> records, CancellationToken stop)
    {
        foreach (var record in records)
        {
            await heard.AddAsync(record, stop).ConfigureAwait(false);
        }
    }

    private ValueTask MissAsync(string channel, long? link, CancellationToken stop) =>
        _heard?.AddEverythingAsync(_inbound.Everything(channel), link, stop) ?? default;

    private void Refuse()
    {
        _line.Statistics.Count(static figures => figures with { Refused = figures.Refused + 1 });
        if (Interlocked.Exchange(ref _saidRefused, 1) == 0)
        {
            _logger.EverythingRefused(_options.Channel);
        }
    }

    private void Say(InvalidationMessage message)
    {
        switch (message.Action)
        {
            case MessageAction.Batch:
                _logger.BatchInvalidated(message.EntityIds?.Count ?? 0);
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
