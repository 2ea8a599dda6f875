using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Queries;
using Unstale.Rules;
using Unstale.Sinks;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Boundary;

/// <summary>Objects and delegates of the application that throw unexpectedly.</summary>
public sealed class ThrowingValuesTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("a value without text")]
    [InlineData("a list that cannot be read")]
    [InlineData("a context that cannot be asked")]
    public async Task A_change_whose_values_throw_invalidates_all_possible_targets(string kind)
    {
        await using var test = new CacheUnderTest();
        test.Cache.Rules.Add(new InvalidationRule { Name = "by-tenant", Triggers = ["product"], Keys = ["product:{tenant}"] });
        await test.Cache.GetOrCreateAsync("product:1", _ => new ValueTask<int>(1), cancellationToken: Stop);
        IReadOnlyDictionary<string, object?> context = kind == "a context that cannot be asked"
            ? new ThrowingContext()
            : new Dictionary<string, object?>(StringComparer.Ordinal) { ["tenant"] = kind == "a value without text" ? new ThrowingText() : Throwing() };

        await test.Invalidator.ChangedAsync(new Change("product", "7", ChangeOperation.Update) { Context = context }, Stop);

        Assert.False(test.Cache.TryGet("product:1", out int _));
    }

    [Fact]
    public async Task A_sink_whose_capabilities_throw_for_a_while_receives_records_later()
    {
        var target = new ThrowingTarget();
        await using var test = new CacheUnderTest(services: s => s.AddUnstale().AddSink("late", _ => target));
        await test.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        await Eventually.Holds("the target was asked", () => target.Asked > 1, () => test.Clock.Advance(TimeSpan.FromSeconds(1)));
        target.IsBroken = false;

        await Eventually.Holds("the target is told", () => target.Reported > 0, () => test.Clock.Advance(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task A_sink_whose_capabilities_throw_after_its_start_still_receives_records()
    {
        var target = new ThrowingTarget { IsBroken = false };
        await using var test = new CacheUnderTest(services: s => s.AddUnstale().AddSink("partial", _ => target, o => o.AcceptsPartial = true));
        await test.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        await Eventually.Holds("the target is told", () => target.Reported > 0, () => test.Clock.Advance(TimeSpan.FromSeconds(1)));
        target.IsBroken = true;
        var reported = target.Reported;
        await test.Invalidator.InvalidateTagAsync("u", cancellationToken: Stop);

        await Eventually.Holds("the target is told again", () => target.Reported > reported, () => test.Clock.Advance(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void A_strategy_whose_Handles_throws_counts_as_handling_the_event() =>
        Assert.True(new CompositeInvalidationStrategy(new ThrowingStrategy()).Handles(typeof(string)));

    [Fact]
    public void An_exception_without_a_message_is_named_by_its_type() =>
        Assert.Equal(nameof(MessageThrows), UserCode.MessageOf(new MessageThrows()));

    [Fact]
    public async Task A_logger_that_reads_the_cache_writes_no_line_inside_its_own()
    {
        var log = new ReadingLog();
        await using var test = new CacheUnderTest(services: s => s.AddLogging(l => l.SetMinimumLevel(LogLevel.Trace).AddProvider(log)));
        log.Cache = test.Cache;
        await Assert.ThrowsAsync<FormatException>(async () => await test.Cache.GetOrCreateAsync<int>("k", _ => throw new FormatException("broken"), cancellationToken: Stop));

        Assert.InRange(log.Depth, 1, 1);
    }

    [Fact]
    public void Swallowed_exceptions_are_counted_by_the_called_object()
    {
        CallOutMetricsAreThere();
        var before = Read("logger");
        GuardedLogger.Over(new ThrowingLog("Log")).Log(LogLevel.Error, default, 1, null, static (_, _) => "");

        Assert.True(Read("logger") > before);
    }

    private static void CallOutMetricsAreThere() => Unstale.Telemetry.CallOutMetrics.Publish();

    private static long Read(string kind)
    {
        var value = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, l) =>
            {
                if (instrument.Name == "unstale.callouts.failed")
                    l.EnableMeasurementEvents(instrument);
            },
        };

        // Sum, because a copy of the engine loaded by another test publishes an instrument of the same name.
        listener.SetMeasurementEventCallback<long>((_, measured, tags, _) => value += kind.Equals(tags[0].Value) ? measured : 0);
        listener.Start();
        listener.RecordObservableInstruments();
        return value;
    }

    private static IEnumerable<string> Throwing()
    {
        yield return "1";
        throw new InvalidOperationException("the list is broken");
    }

    private sealed class ThrowingText
    {
        public override string ToString() => throw new InvalidOperationException("the value is broken");
    }

    private sealed class ThrowingContext : IReadOnlyDictionary<string, object?>
    {
        public int Count => throw Broken();

        public IEnumerable<string> Keys => throw Broken();

        public IEnumerable<object?> Values => throw Broken();

        public object? this[string key] => throw Broken();

        public bool ContainsKey(string key) => throw Broken();

        public bool TryGetValue(string key, out object? value) => throw Broken();

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => throw Broken();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => throw Broken();

        private static InvalidOperationException Broken() => new("the context is broken");
    }

    private sealed class MessageThrows : Exception
    {
        public override string Message => throw new InvalidOperationException("the message is broken");
    }

    private sealed class ThrowingStrategy : IInvalidationStrategy
    {
        public bool Handles(Type eventType) => throw new InvalidOperationException("the strategy is broken");

        public ValueTask<IReadOnlyList<InvalidationReceipt>> InvalidateAsync(object domainEvent, CancellationToken cancellationToken = default) => new([]);
    }

    private sealed class ThrowingTarget : IInvalidationSink
    {
        private int _asked;
        private int _reported;

        public bool IsBroken { get; set; } = true;

        public int Asked => Volatile.Read(ref _asked);

        public int Reported => Volatile.Read(ref _reported);

        public SinkCapabilities Capabilities
        {
            get
            {
                Interlocked.Increment(ref _asked);
                return IsBroken ? throw new InvalidOperationException("the target is broken") : SinkCapabilities.All;
            }
        }

        public ValueTask InvalidateAsync(SinkInvalidation invalidation, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _reported);
            return default;
        }
    }

    private sealed class ReadingLog : ILoggerProvider, ILogger
    {
        private int _depth;

        public UnstaleCache? Cache { get; set; }

        public int Depth { get; private set; }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (Cache is not { } cache || _depth > 20)
                return;
            Depth = Math.Max(Depth, ++_depth);
            var read = cache.GetOrCreateAsync<int>($"log:{_depth}", _ => throw new FormatException("broken as well")).AsTask();
            _ = read.Exception;
            _depth--;
        }

        public void Dispose()
        {
        }
    }
}
