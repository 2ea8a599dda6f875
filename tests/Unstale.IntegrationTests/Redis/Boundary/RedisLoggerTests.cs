using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Boundary;

/// <summary>Connection of a process whose logger throws on every line.</summary>
public sealed class RedisLoggerTests : IAsyncLifetime
{
    private RedisServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RedisServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_process_connects_and_reconnects_to_its_server_although_its_logger_throws()
    {
        var services = new ServiceCollection().AddLogging(static l => l.SetMinimumLevel(LogLevel.Trace).AddProvider(new Broken()));
        services.AddUnstale().UseRedis(_server.EndPoint.ToString());
        await using var provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredService<UnstaleCache>();
        await Eventually.TrueAsync("the node is trusted", () => Task.FromResult(cache.GetLogState().IsTrusted));
        await _server.StopAsync();
        await Eventually.TrueAsync("the node is not trusted", () => Task.FromResult(!cache.GetLogState().IsTrusted));
        await _server.StartAgainAsync();
        await Eventually.TrueAsync("the node is trusted again", () => Task.FromResult(cache.GetLogState().IsTrusted));

        Assert.Equal(ReceiptState.Applied, (await cache.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop)).State);
    }

    private sealed class Broken : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new InvalidOperationException("the logger is broken");

        public void Dispose()
        {
        }
    }
}
