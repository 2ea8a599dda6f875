using Unstale.Log;
using Unstale.Redis.Log;
using Unstale.Tests.Log;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Log;

/// <summary>Shortcuts for a node's calls on a session.</summary>
internal static class LogSessions
{
    private static readonly RecordOrigin Origin = new("node", "tests");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<(RedisLogSession Session, RecordingObserver Observer)> ConnectedAsync(this RedisInvalidationLog log)
    {
        var observer = new RecordingObserver();
        var session = (RedisLogSession)log.Open(observer);
        await Eventually.Holds("the session is connected", () => observer.Connections == 1);
        return (session, observer);
    }

    /// <summary>Returns the position of the log, in a new generation if the history is broken.</summary>
    public static async Task<TailRequest> PlaceAsync(this ILogSession session)
    {
        var reply = await session.TailAsync(default, Stop);
        if (reply.State == TailState.Broken)
        {
            await session.CreateGenerationAsync(0, reply.Generation, Stop);
            reply = await session.TailAsync(default, Stop);
        }

        Assert.Equal(TailState.OtherGeneration, reply.State);
        return new TailRequest(0, reply.Generation, reply.Sequence, reply.LastId, 0, 0);
    }

    public static async Task<AppendReply> AppendAsync(this ILogSession session, InvalidationRecord record) => await session.AppendAsync(0, record, Stop);

    public static async Task<TailReply> TailAsync(this ILogSession session, TailRequest request) => await session.TailAsync(request, Stop);

    public static InvalidationRecord Record(string key) => Record(InvalidationTarget.ForKey(key));

    public static InvalidationRecord Record(params InvalidationTarget[] targets) =>
        new(Random.Shared.NextInt64(1, long.MaxValue), targets, Origin, DateTimeOffset.UnixEpoch);
}
