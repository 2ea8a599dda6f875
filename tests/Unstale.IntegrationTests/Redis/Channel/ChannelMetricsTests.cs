using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Unstale.IntegrationTests.Support;
using Unstale.Redis.Channel;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Channel;

/// <summary>Metrics of a channel over a real server.</summary>
public sealed class ChannelMetricsTests : IAsyncLifetime
{
    private readonly string _channel = Guid.NewGuid().ToString();
    private readonly ConcurrentDictionary<string, double> _values = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();
    private RedisServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument is { Meter.Name: "Unstale" } && instrument.Name.StartsWith("unstale.channel.", StringComparison.Ordinal))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>(Note);
        _listener.SetMeasurementEventCallback<double>(Note);
        _listener.Start();
        _server = await RedisServer.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Messages_errors_ages_and_callbacks_are_measured_by_channel_until_the_channel_ends(bool withFactory)
    {
        var services = new ServiceCollection().AddInvalidationChannel(_server.EndPoint.ToString(), o => (o.Channel, o.ReceiveOwn) = (_channel, true));
        if (withFactory)
            services.AddMetrics();
        await using (var provider = services.BuildServiceProvider())
        {
            var publisher = provider.GetRequiredService<InvalidationPublisher>();
            var received = 0;
            await using var subscription = provider.GetRequiredService<InvalidationSubscriber>().Subscribe((message, _) =>
                Interlocked.Increment(ref received) == 1 ? default : throw new InvalidOperationException(message.MessageId));
            await subscription.Subscribed.WaitAsync(Stop);
            await publisher.InvalidateUserAsync("1", Stop);
            await publisher.InvalidateUserAsync("2", Stop);
            await publisher.PublishAsync(_channel, "no message"u8.ToArray(), Stop);
            await Eventually.TrueAsync(
                "the messages are measured", () => Task.FromResult(Observed("messages/rejected") == 1 && Observed("messages/received") == 2));

            Assert.Equal((3, 0, 0), (Observed("messages/published"), Observed("messages/own"), Observed("messages/dropped")));
            Assert.Equal((2, 0), (Observed("errors"), Observed("gaps")));
            Assert.InRange(_values["unstale.channel.age"], 0, 30);
            Assert.InRange(_values["unstale.channel.callback.duration"], 0, 30);
        }

        _values.Clear();
        Assert.Null(Observed("errors"));
    }

    private double? Observed(string label)
    {
        _listener.RecordObservableInstruments();
        return _values.TryGetValue("unstale.channel." + label, out var value) ? value : null;
    }

    private void Note(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state) => Note(instrument, (double)value, tags, state);

    private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        var (label, isMine) = (instrument.Name, false);
        foreach (var (key, tag) in tags)
        {
            if (key != "unstale.channel.name")
                label += $"/{tag}";
            else
                isMine = _channel.Equals(tag);
        }

        if (isMine)
            _values[label] = value;
    }
}
