using System.Text;
using Unstale.IntegrationTests.Redis.Log;
using Unstale.Log;
using Unstale.Redis.Log;
using Unstale.Redis.Scripts;
using Unstale.Redis.SecondLevel;
using Unstale.Remote;
using Unstale.Tests.Log;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.SecondLevel;

/// <summary>Process with a log on the server and stores beside the log.</summary>
internal sealed class StoreNode : IAsyncDisposable
{
    public static readonly RedisKeys Keys = new("unstale", "shop", 0);

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly RecordOrigin Origin = new("node", "tests");

    private readonly LogProcess _process;

    private StoreNode(RedisServer server)
    {
        _process = new LogProcess(server);
        Log = _process.Log();
        Observer = new RecordingObserver();
        Session = (RedisLogSession)Log.Open(Observer);
        Store = StoreOf("default");
    }

    public RedisInvalidationLog Log { get; }

    public RecordingObserver Observer { get; }

    public RedisLogSession Session { get; }

    public CapturedLog Said => _process.Said;

    public RedisRemoteStore Store { get; }

    /// <summary>Generation returned by the last <see cref="PlaceAsync"/>.</summary>
    public Generation Generation { get; private set; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Connects a node that has not sent a tail yet.</summary>
    public static async Task<StoreNode> ConnectAsync(RedisServer server)
    {
        var node = new StoreNode(server);
        await Eventually.Holds("the session is connected", () => node.Observer.Connections == 1);
        return node;
    }

    /// <summary>Connects a node and reads its position in the log.</summary>
    public static async Task<StoreNode> StartAsync(RedisServer server)
    {
        var node = await ConnectAsync(server);
        await node.PlaceAsync();
        return node;
    }

    public RedisRemoteStore StoreOf(string cache, RedisStoreSettings? settings = null) => new(Log, cache, settings ?? new RedisStoreSettings(), Said);

    /// <summary>Tails, in a new generation if the history is broken, and returns the sequence.</summary>
    public async Task<long> PlaceAsync()
    {
        var reply = await Session.TailAsync(default, Stop);
        if (reply.State == TailState.Broken)
        {
            await Session.CreateGenerationAsync(0, reply.Generation, Stop);
            reply = await Session.TailAsync(default, Stop);
        }

        Generation = reply.Generation;
        return reply.Sequence;
    }

    public Task<long> InvalidateKeyAsync(string key) => InvalidateAsync(InvalidationTarget.ForKey(key));

    public Task<long> InvalidateTagAsync(string tag) => InvalidateAsync(InvalidationTarget.ForTag(tag));

    public Task<long> InvalidateGlobAsync(string glob) => InvalidateAsync(InvalidationTarget.ForPattern(new GlobPattern(glob)));

    public async Task<long> InvalidateAsync(params InvalidationTarget[] targets) => (await Session.AppendAsync(0, Record(targets), Stop)).Sequence;

    public async Task<string?> GetAsync(string key, RedisRemoteStore? store = null) =>
        await HitAsync(key, store) is { } hit ? Encoding.UTF8.GetString(hit.Payload.Span) : null;

    public async Task<RemoteHit?> HitAsync(string key, RedisRemoteStore? store = null) => (await AskAsync(key, RemoteRequestKind.Value, store)).Hit;

    /// <summary>Returns the value as stored.</summary>
    public async Task<RemoteHit?> ReadAsync(string key, RedisRemoteStore? store = null) => await (store ?? Store).GetAsync(0, key, Generation, Stop);

    public async Task<RemoteReply> AskAsync(string key, RemoteRequestKind kind, RedisRemoteStore? store = null, TimeSpan? life = null) =>
        await (store ?? Store).GetOrLeaseAsync(0, key, Generation, new RemoteRequest(kind, life ?? Minute), Stop);

    public async Task<RemoteLease?> LeaseAsync(string key, RedisRemoteStore? store = null, TimeSpan? life = null) =>
        (await AskAsync(key, RemoteRequestKind.Lease, store, life)).Lease;

    public async Task<bool> LoadAsync(string key, string text, long stamp, string[]? tags = null, RedisRemoteStore? store = null) =>
        await LeaseAsync(key, store) is { } lease && await LoadAsync(lease, text, stamp, tags, store);

    public async Task<bool> LoadAsync(RemoteLease lease, string text, long stamp, string[]? tags = null, RedisRemoteStore? store = null) =>
        await (store ?? Store).StoreLoadedAsync(lease, Generation, Value(Encoding.UTF8.GetBytes(text), stamp, tags ?? []), Stop);

    public async Task<RemoteSetReply> SetAsync(string key, string text, long stamp, string[]? tags = null, RedisRemoteStore? store = null) =>
        await (store ?? Store).SetAsync(
            0, Record(InvalidationTarget.ForKey(key)), Generation, key, Value(Encoding.UTF8.GetBytes(text), stamp, tags ?? []), Stop);

    public async ValueTask DisposeAsync()
    {
        await Log.DisposeAsync();
        await _process.DisposeAsync();
    }

    public static RemoteValue Value(byte[] payload, long stamp, params string[] tags) => new(payload, stamp, tags, Minute);

    public static InvalidationRecord Record(params InvalidationTarget[] targets) =>
        new(Random.Shared.NextInt64(1, long.MaxValue), targets, Origin, DateTimeOffset.UnixEpoch);
}
