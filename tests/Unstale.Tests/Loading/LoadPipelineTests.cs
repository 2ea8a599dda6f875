using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>Polly pipelines around the loads of a cache.</summary>
public sealed class LoadPipelineTests
{
    private int _calls;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_load_is_retried_and_its_value_is_stored_once()
    {
        await using var test = With(new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions { MaxRetryAttempts = 2, Delay = TimeSpan.Zero }).Build());
        Assert.Equal("3", await ReadAsync(test, failures: 2));
        Assert.True(test.Cache.TryGet("k", out string value));
        Assert.Equal(("3", 1), (value, test.Cache.GetStatistics().Loads));
    }

    [Fact]
    public async Task The_last_exception_reaches_the_caller_when_all_attempts_fail()
    {
        await using var test = With(new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions { MaxRetryAttempts = 2, Delay = TimeSpan.Zero }).Build());
        var failed = await Assert.ThrowsAsync<InvalidTimeZoneException>(() => ReadAsync(test, failures: 9));
        Assert.Equal("3", failed.Message);
    }

    [Fact]
    public async Task Every_attempt_has_the_services_of_the_load()
    {
        await using var test = With(
            new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions { MaxRetryAttempts = 1, Delay = TimeSpan.Zero }).Build(),
            static s => s.AddScoped<Counter>());
        var counter = await test.Cache.GetOrCreateAsync("k", (load, _) =>
        {
            var counted = load.Services.GetRequiredService<Counter>();
            return ++counted.Calls < 2 ? throw new InvalidTimeZoneException() : new ValueTask<int>(counted.Calls);
        }, cancellationToken: Stop);
        Assert.Equal(2, counter); // one scope for both attempts
    }

    [Fact]
    public async Task An_open_circuit_is_a_failed_load_for_which_fail_safe_has_the_old_value()
    {
        var breaker = new ResiliencePipelineBuilder().AddCircuitBreaker(new CircuitBreakerStrategyOptions { MinimumThroughput = 2, FailureRatio = 0.1, BreakDuration = TimeSpan.FromMinutes(5) }).Build();
        await using var test = With(breaker);
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => ReadAsync(test, failures: 9, "a"));
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => ReadAsync(test, failures: 9, "b"));
        await Assert.ThrowsAnyAsync<BrokenCircuitException>(() => ReadAsync(test, failures: 9, "c"));
        Assert.Equal(2, _calls);

        var options = new UnstaleEntryOptions { Expiration = TimeSpan.FromMinutes(1), FailSafeFor = TimeSpan.FromHours(1) };
        await test.Cache.SetAsync("k", "old", options, cancellationToken: Stop);
        test.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("old", await test.Cache.GetOrCreateAsync("k", static _ => new ValueTask<string>("new"), options, cancellationToken: Stop));
    }

    [Fact]
    public async Task A_timeout_of_the_pipeline_cancels_the_token_of_the_factory()
    {
        await using var test = With(new ResiliencePipelineBuilder().AddTimeout(new TimeoutStrategyOptions { Timeout = TimeSpan.FromMilliseconds(20) }).Build());
        await Assert.ThrowsAsync<TimeoutRejectedException>(() => test.Cache.GetOrCreateAsync("k", static async token =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            return 1;
        }, cancellationToken: Stop).AsTask());
    }

    [Fact]
    public async Task An_invalidation_between_two_attempts_prevents_the_storage_of_the_value()
    {
        await using var test = With(new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions { MaxRetryAttempts = 1, Delay = TimeSpan.Zero }).Build());
        var read = await test.Cache.GetOrCreateAsync("k", async _ =>
        {
            if (++_calls == 1)
                throw new InvalidTimeZoneException();
            await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
            return "loaded";
        }, cancellationToken: Stop);
        Assert.Equal("loaded", read);
        Assert.False(test.Cache.TryGet("k", out string _));
    }

    private static CacheUnderTest With(ResiliencePipeline pipeline, Action<IServiceCollection>? services = null) => new(o => o.LoadPipeline = pipeline.ExecuteAsync, services);

    private Task<string> ReadAsync(CacheUnderTest test, int failures, string key = "k") => test.Cache.GetOrCreateAsync(
        key,
        _ => ++_calls <= failures ? throw new InvalidTimeZoneException($"{_calls}") : new ValueTask<string>($"{_calls}"),
        cancellationToken: Stop).AsTask();

    private sealed class Counter
    {
        public int Calls { get; set; }
    }
}
