using System.Diagnostics.Metrics;
using Unstale.Boundary;
using Unstale.Telemetry;

namespace Unstale.Redis.Channel;

/// <summary>Metrics of one channel: its counters, the ages of messages and the durations of callbacks.</summary>
internal sealed class ChannelMetrics : IDisposable
{
    private readonly KeyValuePair<string, object?> _channel;
    private readonly GuardedMeter _meter;
    private readonly GuardedHistogram<double> _age;
    private readonly GuardedHistogram<double> _callback;

    // Cleared on disposal: a factory retains its meters, and with them all callbacks, until it is disposed itself.
    private Func<ChannelCounters>? _counters;

    /// <param name="meters">Factory of the meter. If null, this object owns the meter.</param>
    /// <param name="channel">Name of the channel, an attribute of every measurement.</param>
    /// <param name="counters">Returns the counters of the channel.</param>
    public ChannelMetrics(IMeterFactory? meters, string channel, Func<ChannelCounters> counters)
    {
        _counters = counters;
        _channel = new(Names.ChannelName, channel);
        _meter = new GuardedMeter(meters, Names.Source, _channel);
        Counter("unstale.channel.messages", "{message}", "Messages, by outcome.", Messages);
        Counter("unstale.channel.errors", "{error}", "Failures of publishing and of callbacks, and rejected messages.", c => [new(c.Errors, _channel)]);
        Counter("unstale.channel.gaps", "{gap}", "Number of times that messages may have been missed.", c => [new(c.Gaps, _channel)]);
        _age = _meter.CreateHistogram("unstale.channel.age", "Age of messages on receipt, by the clocks of sender and receiver.", Boundaries.Lags);
        _callback = _meter.CreateHistogram("unstale.channel.callback.duration", "Duration of callbacks.", Boundaries.Lags);
    }

    public void Received(double milliseconds) => _age.Record(milliseconds / 1000, _channel);

    public void Called(double milliseconds) => _callback.Record(milliseconds / 1000, _channel);

    public void Dispose()
    {
        Volatile.Write(ref _counters, null);
        _meter.Dispose();
    }

    private void Counter(string name, string unit, string description, Func<ChannelCounters, Measurement<long>[]> select) =>
        _meter.CreateObservableCounter(name, () => Volatile.Read(ref _counters) is { } counters ? select(counters()) : [], unit, description);

    private Measurement<long>[] Messages(ChannelCounters counters) =>
    [
        new(counters.Published, _channel, new(Names.Outcome, "published")),
        new(counters.Received, _channel, new(Names.Outcome, "received")),
        new(counters.Own, _channel, new(Names.Outcome, "own")),
        new(counters.Rejected, _channel, new(Names.Outcome, "rejected")),
        new(counters.Dropped, _channel, new(Names.Outcome, "dropped")),
    ];
}
