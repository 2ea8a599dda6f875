using Microsoft.Extensions.Time.Testing;
using Unstale.Log;
using Unstale.Remote;
using Unstale.Tests.Log;

namespace Unstale.Tests.Remote;

public sealed class InMemoryStoreTests : RemoteStoreContract
{
    private readonly FakeTimeProvider _clock = new();
    private readonly InMemoryClient _client;

    private readonly InMemoryServer _server;

    public InMemoryStoreTests()
    {
        _server = new InMemoryServer(_clock);
        _client = new InMemoryClient(_server);
    }

    private protected override IRemoteStore Store => _client;

    private protected override ILogSession Session => _client.Session;

    protected override ValueTask OpenAsync()
    {
        _client.Open(new RecordingObserver());
        return ValueTask.CompletedTask;
    }

    protected override ValueTask PassAsync(TimeSpan time)
    {
        _clock.Advance(time);
        return ValueTask.CompletedTask;
    }

    protected override ValueTask KnowVersionsAsync()
    {
        _server.KnowVersions();
        return ValueTask.CompletedTask;
    }

    public override ValueTask DisposeAsync() => _client.DisposeAsync();
}
