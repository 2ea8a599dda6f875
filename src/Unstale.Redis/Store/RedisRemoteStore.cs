using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using StackExchange.Redis;
using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Log;
using Unstale.Redis.Link;
using Unstale.Redis.Log;
using Unstale.Redis.Scripts;
using Unstale.Redis.Telemetry;
using Unstale.Remote;

namespace Unstale.Redis.Store;

/// <summary>
/// The second level of one cache, beside the log that the cache obeys and over the same link. Until the log has said over a link where
/// it stands, nothing is asked: a get is a miss and no lease is granted.
/// </summary>
internal sealed class RedisRemoteStore(RedisInvalidationLog log, string cache, RedisStoreSettings settings, GuardedLogger logger) : IRemoteStore
{
    private const int TokenBytes = 12;

    /// <summary>The script's answer for a version that is known already.</summary>
    private const long Superseded = 2;

    private readonly string _place = RedisKeys.Escape(cache);
    private readonly RedisKey _values = RedisCall.Prefix(log.Keys.ValuesOf(cache));
    private readonly RedisKey _leases = RedisCall.Prefix(log.Keys.LeasesOf(cache));
    private readonly BroadList _broads = new();
    private readonly TagNames _tags = new();
    private int _said;

    public bool IsReachable => log.Session?.Link is not null;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RemoteHit?> GetAsync(int partition, string key, Generation generation, CancellationToken cancellationToken)
    {
        if (log.Session?.Link is not { } link)
        {
            return null;
        }

        using var command = Judging(RedisScripts.Get, 4).Key(_values, key).Arg(link.Run).Generation(generation);
        var reply = await CallAsync(RedisScripts.Get, link, command, key, cancellationToken).ConfigureAwait(false);
        return reply.IsNull ? null : Hit(reply, generation);
    }

    public async ValueTask<RemoteLease?> LeaseAsync(int partition, string key, Generation generation, TimeSpan life, CancellationToken cancellationToken)
    {
        if (log.Session?.Link is not { } link)
        {
            return null;
        }

        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));
        using var command = log.Scripts.Command(RedisScripts.Lease, 2).Key(_leases, key).Arg(link.Run).Generation(generation).Arg(_place).Arg(token).Arg(Milliseconds(life));
        var reply = await CallAsync(RedisScripts.Lease, link, command, key, cancellationToken).ConfigureAwait(false);
        return reply.IsNull ? null : new RemoteLease(partition, key, token, reply.Integer);
    }

    public async ValueTask<bool> FillAsync(RemoteLease lease, Generation generation, RemoteValue value, CancellationToken cancellationToken)
    {
        if (log.Session?.Link is not { } link)
        {
            return false;
        }

        using var command = FillCommand(link, lease, generation, value);
        var reply = await CallAsync(RedisScripts.Fill, link, command, lease.Key, cancellationToken).ConfigureAwait(false);
        return reply.Integer == 1;
    }

    public async ValueTask<bool> RenewAsync(RemoteLease lease, TimeSpan life, CancellationToken cancellationToken)
    {
        if (log.Session?.Link is not { } link)
        {
            return false;
        }

        using var command = log.Scripts.Command(RedisScripts.Renew, 2).Key(_leases, lease.Key).Arg(link.Run).Arg(lease.Token).Arg(Milliseconds(life));
        var reply = await CallAsync(RedisScripts.Renew, link, command, lease.Key, cancellationToken).ConfigureAwait(false);
        return reply.Integer == 1;
    }

    public ValueTask DropAsync(RemoteLease lease, CancellationToken cancellationToken) => ReleaseAsync(lease, 1, cancellationToken);

    public ValueTask ReleaseAsync(RemoteLease lease, CancellationToken cancellationToken) => ReleaseAsync(lease, 0, cancellationToken);

    private async ValueTask ReleaseAsync(RemoteLease lease, long withValue, CancellationToken cancellationToken)
    {
        if (log.Session?.Link is { } link)
        {
            using var command = log.Scripts.Command(RedisScripts.Release, 3).Key(_values, lease.Key).Key(_leases, lease.Key).Arg(link.Run).Arg(lease.Token).Arg(withValue);
            await CallAsync(RedisScripts.Release, link, command, lease.Key, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask<RemoteSetReply> SetAsync(
        int partition, InvalidationRecord record, Generation generation, string key, RemoteValue value, CancellationToken cancellationToken)
    {
        if (log.Session is not { Link: { } link } session)
        {
            throw Errors.NotAsked(log.Hub.EndPoint);
        }

        session.StreamLength.Add(RecordFormat.Size(record));
        for (var call = 0; call < ListedCaches.MostCalls; call++)
        {
            using var command = SetCommand(session, link, record, generation, key, value);
            var reply = await CallAsync(RedisScripts.Set, link, command, key, cancellationToken).ConfigureAwait(false);
            if (!log.Caches.IsRefused(reply))
            {
                return Set(record, reply);
            }
        }

        throw Errors.CachesChanged("set", log.Name);
    }

    private RemoteSetReply Set(InvalidationRecord record, RedisReply reply)
    {
        if (reply is not { IsAggregate: true, Items: [{ Type: RedisReplyType.Bulk } stands, { Type: RedisReplyType.Bulk } first, { Type: RedisReplyType.Bulk } before, { Type: RedisReplyType.Integer } written] }
            || !LogWords.TryGeneration(stands.Bytes, out var current) || !LogWords.TryNumber(first.Bytes, out var sequence))
        {
            throw Errors.MalformedAnswer("set");
        }

        if (written.Integer == Superseded)
        {
            return LogWords.TryNumber(before.Bytes, out var newest)
                ? new RemoteSetReply(new AppendReply(current, sequence, 0) { Version = VersionState.Superseded, Newest = newest }, Written: false)
                : throw Errors.MalformedAnswer("set");
        }

        return LogWords.TryId(before.Bytes, out var previous)
            ? Told(record, new RemoteSetReply(new AppendReply(current, sequence, previous), written.Integer == 1))
            : throw Errors.MalformedAnswer("set");
    }

    private RemoteSetReply Told(InvalidationRecord record, RemoteSetReply reply)
    {
        log.Appended?.Invoke(record);
        return reply;
    }

    /// <summary>A call whose first keys are the control hash and the hashes of tags.</summary>
    private RedisCall Judging(RedisScript script, int count) => log.Scripts.Command(script, count).Key(log.Keys.Tags0).Key(log.Keys.Tags1);

    private ValueTask<RedisReply> CallAsync(RedisScript script, RedisLink link, RedisCall command, string key, CancellationToken cancellationToken) =>
        log.Scripts.CallAsync(script, link.Data, command, link.Run, _place, key, cancellationToken);

    private RedisCall FillCommand(RedisLink link, RemoteLease lease, Generation generation, RemoteValue value)
    {
        using var packed = PayloadCompression.Pack(value.Payload, value.Compress, settings.CompressFrom);
        var body = Body(value, packed);
        var command = Judging(RedisScripts.Fill, 5).Key(_values, lease.Key).Key(_leases, lease.Key)
            .Arg(link.Run).Generation(generation).Arg(lease.Token).Arg(value.Stamp).Arg(Milliseconds(value.Expiration));
        var envelope = command.Argument(EnvelopeLayout.Front + body.Length);
        EnvelopeBody.WriteFront(envelope, generation, value.Stamp);
        body.Write(envelope[EnvelopeLayout.Front..]);
        return command;
    }

    private RedisCall SetCommand(
        RedisLogSession session, RedisLink link, InvalidationRecord record, Generation generation, string key, RemoteValue value)
    {
        using var packed = PayloadCompression.Pack(value.Payload, value.Compress, settings.CompressFrom);
        var body = Body(value, packed);
        var caches = log.Caches.Current;
        var command = log.Scripts.HistoryCommand(RedisScripts.Set, 1 + caches.Count(record)).Key(_values, key);
        caches.AddKeys(command, record);
        log.Scripts.Publishing(command, link)
            .Generation(log.Generations.Next()).Arg(session.StreamLength.Records).Arg(log.Settings.PushLimit).Arg(caches.Text)
            .Generation(generation).Arg(_place).Arg(key).Arg(session.Node).Arg(link.Number)
            .Arg(value.Stamp).Arg(Milliseconds(value.Expiration));
        body.Write(command.Argument(body.Length));
        return command.Record(record);
    }

    private EnvelopeBody Body(RemoteValue value, in PackedPayload packed)
    {
        if (!EnvelopeBody.TryMake(value.Tags, packed, TimeSpan.FromMilliseconds(Milliseconds(value.Expiration)), value.Version, out var body))
        {
            throw Errors.TagsTooLarge(cache, value.Tags.Count);
        }

        // Before it is sent: a reply that is too large would cost the connection.
        var largest = Math.Max(value.Payload.Length, EnvelopeLayout.Front + (long)body.Length);
        return largest <= settings.MaximumBytes ? body with { ContentVersion = value.ContentVersion, Identity = value.Identity } : throw Errors.ValueTooLarge(cache, largest, settings.MaximumBytes);
    }

    private RemoteHit? Hit(RedisReply reply, Generation generation)
    {
        if (!reply.IsAggregate
            || reply.Items is not [{ Type: RedisReplyType.Bulk } value, { Type: RedisReplyType.Bulk } newest, { Type: RedisReplyType.Integer } left, { Type: RedisReplyType.Bulk } broad]
            || !LogWords.TryNumber(newest.Bytes, out var sequence))
        {
            throw Errors.MalformedAnswer("get");
        }

        if (Envelope.Read(value.Bytes, _tags, out var envelope, settings.MaximumPayload) is var fault and not EnvelopeFault.None)
        {
            return Unreadable(fault);
        }

        if (envelope.Generation != generation || envelope.Stamp > sequence)
        {
            return Unreadable(EnvelopeFault.Position);
        }

        if (_broads.Targets(broad.Bytes) is not { } broads)
        {
            return Unreadable(EnvelopeFault.Listing);
        }

        // Below zero it has no end, which is nothing that was ever written here.
        var remaining = TimeSpan.FromMilliseconds(left.Integer);
        var age = envelope.Life > remaining ? envelope.Life - remaining : TimeSpan.Zero;
        return left.Integer <= 0
            ? null
            : new RemoteHit(envelope.Payload, envelope.Stamp, envelope.Tags, remaining, age, sequence, broads) { ContentVersion = envelope.ContentVersion, Identity = envelope.Identity };
    }

    private RemoteHit? Unreadable(EnvelopeFault reason)
    {
        var bit = 1 << (int)reason;
        if ((Interlocked.Or(ref _said, bit) & bit) == 0)
        {
            logger.ValueUnreadable(cache, reason.ToString());
        }

        return null;
    }

    /// <summary>The server takes whole ones, and not zero.</summary>
    private static long Milliseconds(TimeSpan time) => Math.Max(1, (long)time.TotalMilliseconds);
}
