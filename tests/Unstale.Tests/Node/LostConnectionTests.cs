using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Unstale.Hosting;
using Unstale.Log;
using Unstale.Node;
using Unstale.Remote;
using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>A reply delivered after the loss of its connection counts as no reply, because the server may be another one by then.</summary>
public sealed class LostConnectionTests : IAsyncDisposable
{
    private readonly SteppedTimeProvider _clock = new();
    private readonly InMemoryServer _server;
    private readonly ServiceProvider _services;

    public LostConnectionTests()
    {
        _server = new InMemoryServer(_clock);
        Late = new LateAnswers(new InMemoryClient(_server));
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(_clock);
        services.AddKeyedSingleton<IInvalidationLog>(Late.Name, Late);
        services.AddKeyedSingleton<IRemoteStore>("shop", Late);
        services.AddUnstale("shop", o => o.Log = Late.Name);
        _services = services.BuildServiceProvider();
        Cache = _services.GetRequiredKeyedService<UnstaleCache>("shop");
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private LateAnswers Late { get; }

    private UnstaleCache Cache { get; }

    private LogNode Node => _services.GetRequiredService<LogNodes>().Get(_services.GetRequiredService<IOptionsMonitor<UnstaleOptions>>().Get("shop")).Nodes[0];

    [Fact]
    public async Task An_append_is_repeated_if_its_reply_arrives_over_a_lost_connection()
    {
        Late.Holds = ServerScript.Append;
        var call = Cache.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop).AsTask();
        await HeldAsync();
        Late.ReconnectAndAnswer();
        var receipt = await Eventually.Ends("the log has it", call, Advance);
        await Eventually.Holds("it is applied", () => receipt.State == ReceiptState.Applied, Advance);
        Assert.Equal(2, _server.Records.Count);
        Assert.Equal(2, Assert.Single(receipt.Positions).Sequence);
    }

    [Fact]
    public async Task A_set_is_repeated_without_its_value_if_its_reply_arrives_over_a_lost_connection()
    {
        Late.Holds = ServerScript.Set;
        var call = Cache.SetAsync("k", "set", cancellationToken: Stop).AsTask();
        await HeldAsync();
        Late.ReconnectAndAnswer();
        await Eventually.Ends("the set ends", call, Advance);
        Assert.False(Cache.TryGet("k", out string _));
        await Eventually.Holds("the log has it", () => _server.Records.Count == 2, Advance);
    }

    [Fact]
    public async Task A_tail_confirms_nothing_if_its_reply_arrives_over_a_lost_connection()
    {
        await Eventually.Holds("the node is trusted", IsTrusted);
        Late.Holds = ServerScript.Tail;
        _clock.Advance(TimeSpan.FromSeconds(1));
        await HeldAsync();
        Late.Client.Faults.Refuses = static script => script == ServerScript.Tail;
        Late.ReconnectAndAnswer();
        _clock.Advance(TimeSpan.FromSeconds(4.2));
        Assert.False(IsTrusted());
    }

    public async ValueTask DisposeAsync()
    {
        Late.Client.Faults.Clear();
        await Eventually.Ends("the caches end", _services.DisposeAsync().AsTask(), Advance);
    }

    private Task HeldAsync() => Eventually.Holds("the answer is held", () => Late.Held == 1);

    private bool IsTrusted() => Node.Horizon.View.IsTrusted(new MonotonicClock(_clock).Now);

    private void Advance() => _clock.Advance(TimeSpan.FromMilliseconds(50));
}
