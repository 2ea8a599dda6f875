using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Unstale.Log;
using Unstale.Queries;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Queries;

public sealed class CommandInvalidationTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_successful_command_invalidates_the_targets_of_its_rules_in_one_record()
    {
        await using var test = With(static m => m
            .On<Rename>((c, i) => i.Keys($"user:{c.Id}").Tags("users"))
            .On<ICommand>((_, i) => i.Glob($"any:*"))
            .On<Rename>(new GlobPattern("fixed:*"))
            .On<Rename, int>((_, result, i) => i.Keys($"result:{result}"))
            .On<Delete>((_, i) => i.Everything()));
        string[] keys = ["user:7", "user:8", "any:1", "fixed:1", "result:42"];
        await test.HoldAsync(keys);
        var before = await test.RecordsAsync();
        Assert.Equal(42, await test.Commands.ExecuteAsync(new Rename("7"), _ =>
        {
            Assert.Equal(keys, test.Held(keys));
            return new ValueTask<int>(42);
        }, Stop));
        Assert.Equal(["user:8"], test.Held(keys));
        Assert.Equal(before + 2, await test.RecordsAsync());
    }

    [Fact]
    public async Task Each_form_of_the_call_invalidates()
    {
        await using var test = With(static m => m.On<Rename>((c, i) => i.Keys($"user:{c.Id}")));
        foreach (var execute in new Func<Task>[]
        {
            () => test.Commands.ExecuteAsync(new Rename("7"), static _ => new ValueTask<int>(1), Stop).AsTask(),
            () => test.Commands.ExecuteAsync(new Rename("7"), static _ => ValueTask.CompletedTask, Stop).AsTask(),
            () => test.Commands.ExecuteAsync(new Rename("7"), static (c, _) => new ValueTask<string>(c.Id), Stop).AsTask(),
            () => test.Commands.ExecuteAsync(new Rename("7"), static (_, _) => ValueTask.CompletedTask, Stop).AsTask(),
        })
        {
            await test.HoldAsync("user:7");
            await execute();
            Assert.Empty(test.Held("user:7"));
        }
    }

    [Fact]
    public async Task A_command_that_throws_is_cancelled_or_returns_a_failure_invalidates_nothing()
    {
        await using var test = With(static m => m.On<Rename>((_, i) => i.Everything()).FailWhen<Error>(static e => e.Code != 0));
        await test.HoldAsync("k");
        await Assert.ThrowsAsync<TimeoutException>(() => test.Commands.ExecuteAsync<int>(new Rename("1"), static _ => throw new TimeoutException(), Stop).AsTask());
        await Assert.ThrowsAsync<TimeoutException>(() => test.Commands.ExecuteAsync(new Rename("1"), static _ => ValueTask.FromException(new TimeoutException()), Stop).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => test.Commands.ExecuteAsync(new Rename("1"), static token => ValueTask.FromCanceled(token), new CancellationToken(canceled: true)).AsTask());
        await test.Commands.ExecuteAsync(new Rename("1"), static _ => new ValueTask<Outcome>(new Outcome(false)), Stop);
        await test.Commands.ExecuteAsync(new Rename("1"), static _ => new ValueTask<Error>(new Error(7)), Stop);
        await test.Commands.ExecuteAsync(new Delete("1"), static _ => new ValueTask<int>(1), Stop);
        Assert.Equal(["k"], test.Held("k"));
        await test.Commands.ExecuteAsync(new Rename("1"), static _ => new ValueTask<Error>(new Error(0)), Stop);
        Assert.Empty(test.Held("k"));
    }

    [Fact]
    public async Task A_command_result_counts_as_success_if_FailWhen_throws()
    {
        await using var test = With(static m => m.On<Rename>((_, i) => i.Everything()).FailWhen<int>(static _ => throw new NotSupportedException()));
        await test.HoldAsync("k");
        Assert.Equal(1, await test.Commands.ExecuteAsync(new Rename("1"), static _ => new ValueTask<int>(1), Stop));
        Assert.Empty(test.Held("k"));
    }

    [Fact]
    public async Task The_invalidation_of_a_completed_command_is_not_cancelled_by_the_token_of_the_caller()
    {
        await using var test = With(static m => m.On<Rename>((_, i) => i.Keys("k")));
        await test.HoldAsync("k");
        using var caller = new CancellationTokenSource();
        Assert.Equal(1, await test.Commands.ExecuteAsync(new Rename("1"), async _ =>
        {
            await caller.CancelAsync();
            return 1;
        }, caller.Token));
        Assert.Empty(test.Held("k"));
    }

    [Theory]
    [InlineData("throws", 53)]
    [InlineData("other result", 53)]
    [InlineData("refused", 54)]
    public async Task A_failing_rule_invalidates_all_queries_and_the_command_succeeds(string how, int line)
    {
        await using var test = With(m => _ = how switch
        {
            "throws" => m.On<Rename>(static (_, _) => throw new TimeoutException()),
            "other result" => m.On<Rename, string>(static (_, result, i) => i.Keys(result)),
            _ => m.On<Rename>(static (_, i) => i.Tags("")),
        });
        using var measured = new Telemetry.Measurements("unstale.cache.name", test.Name);
        await test.HoldAsync("query_cache:GetUserQuery:1", "no query");
        Assert.Equal(1, await test.Commands.ExecuteAsync(new Rename("1"), static _ => new ValueTask<int>(1), Stop));
        Assert.Equal(["no query"], test.Held("query_cache:GetUserQuery:1", "no query"));
        var said = Assert.Single(test.Lines, static l => l.Level == LogLevel.Error);
        Assert.Equal((line, "command", "CommandInvalidationTests.Rename"), (said.Id, said.Fields["Kind"], said.Fields["Type"]));
        Assert.Equal(1, measured.Recorded()["unstale.events.failed/command/CommandInvalidationTests.Rename"]);
    }

    [Theory]
    [InlineData(LogUnavailableBehavior.Queue)]
    [InlineData(LogUnavailableBehavior.Throw)]
    public async Task During_an_outage_the_invalidation_is_queued_and_the_command_succeeds(LogUnavailableBehavior whenAway)
    {
        await using var test = new QueriesUnderTest(
            b => b.AddCommandInvalidation(static m => m.On<Rename>((_, i) => i.Keys("k"))),
            static o => o.Log = "away",
            s => s.AddInvalidationLog("away", o => o.WhenUnavailable = whenAway).AddKeyedSingleton<IInvalidationLog>(KeyedService.AnyKey, static (_, _) => new SilentLog()));
        var executed = test.Commands.ExecuteAsync(new Rename("1"), static _ => new ValueTask<int>(1), Stop).AsTask();
        Assert.Equal(1, await Eventually.Ends("the deadline passes", executed, () => test.Clock.Advance(TimeSpan.FromSeconds(1))));
        Assert.Equal(1, test.Cache.GetLogState().Queued);
        Assert.DoesNotContain(test.Lines, static line => line.Level == LogLevel.Error);
    }

    [Fact]
    public async Task A_command_succeeds_although_the_log_is_closed()
    {
        var test = new QueriesUnderTest(
            b => b.AddCommandInvalidation(static m => m.On<Rename>((_, i) => i.Keys("k"))),
            static o => o.Log = $"log-{Guid.NewGuid():n}",
            static s => s.AddKeyedSingleton<IInvalidationLog>(KeyedService.AnyKey, static (_, _) => new SilentLog()));
        var commands = test.Commands;
        await test.DisposeAsync();
        Assert.Equal(1, await commands.ExecuteAsync(new Rename("1"), static _ => new ValueTask<int>(1), Stop));
        Assert.Equal([54, 55], test.Lines.Where(static line => line.Level == LogLevel.Error).Select(static line => line.Id));
    }

    [Fact]
    public async Task A_command_succeeds_and_all_queries_are_invalidated_although_the_logger_throws()
    {
        await using var test = new QueriesUnderTest(
            static b => b.AddCommandInvalidation(static m => m.On<Rename>(static (_, _) => throw new TimeoutException())),
            services: static s => s.AddLogging(static l => l.AddProvider(new ThrowingProvider())));
        await test.HoldAsync("query_cache:GetUserQuery:1", "no query");
        Assert.Equal(1, await test.Commands.ExecuteAsync(new Rename("1"), static _ => new ValueTask<int>(1), Stop));
        Assert.Equal(["no query"], test.Held("query_cache:GetUserQuery:1", "no query"));
    }

    [Fact]
    public async Task The_log_line_about_an_invalid_name_does_not_contain_the_name()
    {
        await using var test = new QueriesUnderTest(static b => b.AddCommandInvalidation(static m => m.On<Rename>(static (c, i) => i.Tags(c.Id))), static o => o.MaximumKeyLength = 64);
        await test.Commands.ExecuteAsync(new Rename("secret" + new string('x', 60)), static _ => new ValueTask<int>(1), Stop);
        var line = Assert.Single(test.Lines, static l => l.Level == LogLevel.Error);
        Assert.Equal((54, "a tag is invalid."), (line.Id, line.Fields["Why"]));
        Assert.DoesNotContain("secret", line.Text, StringComparison.Ordinal);
    }

    private static QueriesUnderTest With(Action<CommandInvalidationOptions> configure) => new(b => b.AddCommandInvalidation(configure));

    private sealed class ThrowingProvider : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new NotSupportedException();

        public void Dispose()
        {
            // Nothing to dispose.
        }
    }

    private interface ICommand;

    private sealed record Rename(string Id) : ICommand;

    private sealed record Delete(string Id);

    private sealed record Outcome(bool IsSuccess) : ISucceeded;

    private readonly record struct Error(int Code);
}
