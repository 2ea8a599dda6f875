using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using Unstale.Boundary;
using Unstale.Log;
using Unstale.Redis.Connection;
using Unstale.Redis.Log;
using Unstale.Redis.Scripts;
using Unstale.Redis.Telemetry;
using Unstale.Remote;

namespace Unstale.Redis.SecondLevel;

/// <summary>
/// Second level of one cache, stored next to the log of the cache and accessed over the same link. Until the log has reported its position over a
/// link, the store is not queried: a get is a miss and no lease is granted.
/// </summary>
internal sealed class RedisRemoteStore(RedisInvalidationLog log, string cache, RedisStoreSettings settings, GuardedLogger logger) : IRemoteStore
{
    private const int TokenBytes = 12;

    /// <summary>Reply of the script for a version that is superseded.</summary>
    private const long Superseded = 2;

    /// <summary>Sequence below every stamp. The node must not validate the value without the server.</summary>
    private const long NotAlone = -1;

    private static readonly TimeSpan ReleaseAgain = TimeSpan.FromMilliseconds(50);

    private readonly string _place = RedisKeys.Escape(cache);
    private readonly RedisKey _values = RedisCall.Prefix(log.Keys.ValuesOf(cache));
    private readonly RedisKey _leases = RedisCall.Prefix(log.Keys.LeasesOf(cache));
    private readonly SelectorCache _selectors = new();
    private readonly TagNames _tags = new();
    private int _logged;

    public bool IsReachable(int partition) => log.Session?.Link is not null;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RemoteHit?> GetAsync(int partition, string key, Generation generation, CancellationToken cancellationToken)
    {
        if (log.Session is not { Link: { } link } session)
            return null;

        var stored = await ReadAsync(link, key, cancellationToken).ConfigureAwait(false);
        var hit = stored is not null && Parse(stored.Memory) is { } envelope && envelope.Generation == generation ? Stored(envelope, stored, session.ServerClock) : null;
        if (hit?.Owner is null)
            stored?.Dispose();

        return hit;
    }

    /// <summary>Returns a stored value; null if its life has ended by the server's clock. If the end is unknown, only the server may validate the value.</summary>
    private static RemoteHit? Stored(in Envelope envelope, Lease<byte> stored, ServerClock? clock)
    {
        // A decompressed payload has memory of its own.
        var owner = MemoryMarshal.TryGetArray(envelope.Payload, out var part) && part.Array == stored.ArraySegment.Array ? stored : null;
        if (envelope.EndsAt is not { } ends || clock is null)
            return Hit(envelope, envelope.Life, NotAlone, owner);

        var left = TimeSpan.FromMilliseconds(Math.Min(ends - clock.Now, (long)envelope.Life.TotalMilliseconds));
        return left > TimeSpan.Zero ? Hit(envelope, left, envelope.Confirmed, owner) : null;
    }

    /// <summary>Reads a value with one command and without a script on the server.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Lease<byte>?> ReadAsync(RedisSession link, string key, CancellationToken cancellationToken)
    {
        try
        {
            return await link.Data.GetAsync(_values.Append(key), cancellationToken).ConfigureAwait(false);
        }
        catch (CallRefusedException refused) when (refused.Kind == CallErrorKind.WrongType)
        {
            await log.Scripts.RepairAsync(link.Data, log.Scripts.Run(link), _place, key, cancellationToken).ConfigureAwait(false);
            return null;
        }
    }

    public async ValueTask<RemoteReply> GetOrLeaseAsync(
        int partition, string key, Generation generation, RemoteRequest request, CancellationToken cancellationToken)
    {
        if (log.Session?.Link is not { } link)
            return RemoteReply.Neither;

        var token = request.Kind == RemoteRequestKind.Value ? "" : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));
        try
        {
            return await RequestAsync(link, partition, key, generation, request, token, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception lost) when (token.Length > 0 && lost is OperationCanceledException or CallException { OutcomeUnknown: true })
        {
            // The lease may have been granted. No caller would renew or release it, and every node would wait for it.
            var granted = new RemoteLease(partition, key, token, 0);
            _ = WithoutExecutionContext.Start((Store: this, granted, request.LeaseLife), static s => s.Store.ReleaseLostAsync(s.granted, s.LeaseLife));
            throw;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<RemoteReply> RequestAsync(
        RedisSession link, int partition, string key, Generation generation, RemoteRequest request, string token, CancellationToken cancellationToken)
    {
        var except = request.Except is { } hit ? StoredIdentity.ForValue(hit) : null;
        while (true)
        {
            using var command = GetOrLeaseCommand(link, key, generation, request, token, except);
            var reply = await CallAsync(RedisScripts.GetOrLease, link, command, key, cancellationToken).ConfigureAwait(false);
            if (reply.IsNull)
                return RemoteReply.Neither;

            if (!reply.IsAggregate)
            {
                return RemoteReply.Neither with { Lease = new RemoteLease(partition, key, token, reply.Integer) };
            }

            if (Parse(reply, generation, out var bytes) is { Hit: not null } found)
                return found;

            // The value is unreadable here, so a loaded value may replace it. If the same value is returned again, the caller does not wait for a lease.
            if (request.Kind == RemoteRequestKind.Value || StoredIdentity.ForValue(bytes) is not { } unreadable || unreadable.AsSpan().SequenceEqual(except))
                return RemoteReply.Neither;

            except = unreadable;
        }
    }

    /// <summary>Releases a lease whose reply was lost, as soon as a link is available and while the lease may still be held.</summary>
    private async Task ReleaseLostAsync(RemoteLease lease, TimeSpan life)
    {
        var time = log.Hub.TimeProvider;
        var began = time.GetTimestamp();
        for (var pause = ReleaseAgain; time.GetElapsedTime(began) < life; pause = IsReachable(lease.Partition) ? 2 * pause : ReleaseAgain)
        {
            try
            {
                if (IsReachable(lease.Partition))
                {
                    await ReleaseAsync(lease, CancellationToken.None).ConfigureAwait(false);
                    return;
                }
            }
            catch (CallException)
            {
                // Retried after the pause.
            }

            await Task.Delay(pause, time).ConfigureAwait(false);
        }
    }

    public async ValueTask<bool> StoreLoadedAsync(RemoteLease lease, Generation generation, RemoteValue value, CancellationToken cancellationToken)
    {
        if (log.Session?.Link is not { } link)
            return false;

        using var command = StoreLoadedCommand(link, lease, generation, value);
        var reply = await CallAsync(RedisScripts.StoreLoaded, link, command, lease.Key, cancellationToken).ConfigureAwait(false);
        return reply.Integer == 1;
    }

    public async ValueTask<bool> RenewAsync(RemoteLease lease, TimeSpan life, CancellationToken cancellationToken)
    {
        if (log.Session?.Link is not { } link)
            return false;

        using var command = log.Scripts.Command(RedisScripts.Renew, 2).Key(_leases, lease.Key).Arg(log.Scripts.Run(link)).Arg(lease.Token).Arg(Milliseconds(life));
        var reply = await CallAsync(RedisScripts.Renew, link, command, lease.Key, cancellationToken).ConfigureAwait(false);
        return reply.Integer == 1;
    }

    public ValueTask DropAsync(RemoteLease lease, CancellationToken cancellationToken) => ReleaseAsync(lease, 1, cancellationToken);

    public ValueTask ReleaseAsync(RemoteLease lease, CancellationToken cancellationToken) => ReleaseAsync(lease, 0, cancellationToken);

    private async ValueTask ReleaseAsync(RemoteLease lease, long withValue, CancellationToken cancellationToken)
    {
        if (log.Session?.Link is { } link)
        {
            using var command = log.Scripts.Command(RedisScripts.Release, 3).Key(_values, lease.Key).Key(_leases, lease.Key).Arg(log.Scripts.Run(link)).Arg(lease.Token).Arg(withValue);
            await CallAsync(RedisScripts.Release, link, command, lease.Key, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask<RemoteSetReply> SetAsync(
        int partition, InvalidationRecord record, Generation generation, string key, RemoteValue value, CancellationToken cancellationToken)
    {
        if (log.Session is not { Link: { } link } session)
            throw Errors.PositionNotRead(log.Hub.EndPoint);

        session.StreamLength.Add(record.Size);
        for (var call = 0; call < ListedCaches.MostCalls; call++)
        {
            using var command = SetCommand(session, link, record, generation, key, value);
            var reply = await CallAsync(RedisScripts.Set, link, command, key, cancellationToken).ConfigureAwait(false);
            if (!log.Caches.IsRefused(reply))
                return Set(record, reply);
        }

        throw Errors.CachesChanged("set", log.Name);
    }

    private RemoteSetReply Set(InvalidationRecord record, RedisReply reply)
    {
        if (reply is not { IsAggregate: true, Items: [{ Type: RedisReplyType.Bulk } generationText, { Type: RedisReplyType.Bulk } first, { Type: RedisReplyType.Bulk } before, { Type: RedisReplyType.Integer } written] }
            || !LogEncoding.TryGeneration(generationText.Bytes, out var current) || !LogEncoding.TryNumber(first.Bytes, out var sequence))
        {
            throw Errors.MalformedReply("set");
        }

        if (written.Integer == Superseded)
        {
            return LogEncoding.TryNumber(before.Bytes, out var newest)
                ? new RemoteSetReply(new AppendReply(current, sequence, 0) { Version = VersionState.Superseded, Newest = newest }, Written: false)
                : throw Errors.MalformedReply("set");
        }

        return LogEncoding.TryId(before.Bytes, out var previous)
            ? Notify(record, new RemoteSetReply(new AppendReply(current, sequence, previous), written.Integer == 1))
            : throw Errors.MalformedReply("set");
    }

    private RemoteSetReply Notify(InvalidationRecord record, RemoteSetReply reply)
    {
        log.Appended?.Invoke(log.Partition, record);
        return reply;
    }

    /// <summary>Creates a call of a script that validates a value. The first keys are the control hash and the tag hashes.</summary>
    private RedisCall ValidatingCommand(RedisScript script, int count) => log.Scripts.Command(script, count).Key(log.Keys.Tags0).Key(log.Keys.Tags1);

    private ValueTask<RedisReply> CallAsync(RedisScript script, RedisSession link, RedisCall command, string key, CancellationToken cancellationToken) =>
        log.Scripts.CallAsync(script, link.Data, command, log.Scripts.Run(link), _place, key, cancellationToken);

    private RedisCall StoreLoadedCommand(RedisSession link, RemoteLease lease, Generation generation, RemoteValue value)
    {
        using var packed = PayloadCompression.Pack(value.Payload, value.Compress, settings.CompressFrom);
        var body = Body(value, packed);
        var command = ValidatingCommand(RedisScripts.StoreLoaded, 5).Key(_values, lease.Key).Key(_leases, lease.Key)
            .Arg(log.Scripts.Run(link)).Generation(generation).Arg(lease.Token).Arg(value.Stamp).Arg(Milliseconds(value.Expiration));
        var envelope = command.Argument(EnvelopeLayout.Front + body.Length);
        EnvelopeBody.WriteFront(envelope, generation, value.Stamp);
        body.Write(envelope[EnvelopeLayout.Front..]);
        return command;
    }

    private RedisCall SetCommand(
        RedisLogSession session, RedisSession link, InvalidationRecord record, Generation generation, string key, RemoteValue value)
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
            throw Errors.TagsTooLarge(cache, value.Tags.Count);

        // Checked before sending, because a reply that is too large would cost the connection.
        var largest = Math.Max(value.Payload.Length, EnvelopeLayout.Front + (long)body.Length + EnvelopeLayout.Ending);
        return largest <= settings.MaximumBytes ? body with { ContentVersion = value.ContentVersion, Identity = value.Identity } : throw Errors.ValueTooLarge(cache, largest, settings.MaximumBytes);
    }

    private RedisCall GetOrLeaseCommand(
        RedisSession link, string key, Generation generation, in RemoteRequest request, string token, byte[]? except)
    {
        var kind = request.Kind switch
        {
            RemoteRequestKind.Value => "value"u8,
            RemoteRequestKind.ValueOrLease => "both"u8,
            _ => "lease"u8,
        };
        return ValidatingCommand(RedisScripts.GetOrLease, 5).Key(_values, key).Key(_leases, key)
            .Arg(log.Scripts.Run(link)).Generation(generation).Arg(_place).Arg(kind).Arg(token).Arg(Milliseconds(request.LeaseLife)).Arg(except ?? []);
    }

    /// <summary>Returns the value of a reply; no value if it is unreadable here.</summary>
    private RemoteReply Parse(RedisReply reply, Generation generation, out byte[] bytes)
    {
        if (reply.Items is not [{ Type: RedisReplyType.Bulk } value, { Type: RedisReplyType.Bulk } newest, { Type: RedisReplyType.Integer } left, { Type: RedisReplyType.Bulk } selector]
            || !LogEncoding.TryNumber(newest.Bytes, out var sequence))
        {
            throw Errors.MalformedReply("get_or_lease");
        }

        bytes = value.Bytes;
        if (Parse(bytes) is not { } envelope)
            return RemoteReply.Neither;

        if (envelope.Generation != generation || envelope.Stamp > sequence)
        {
            Unreadable(EnvelopeFault.Position);
            return RemoteReply.Neither;
        }

        if (_selectors.Targets(selector.Bytes) is not { } selectors)
        {
            Unreadable(EnvelopeFault.Listing);
            return RemoteReply.Neither;
        }

        // Negative: the value has no expiration, so it was not written by this library.
        var confirmed = envelope.EndsAt is null ? NotAlone : envelope.Confirmed;
        return left.Integer <= 0 ? RemoteReply.Neither : new RemoteReply(Hit(envelope, TimeSpan.FromMilliseconds(left.Integer), confirmed), null, sequence, selectors);
    }

    private Envelope? Parse(ReadOnlyMemory<byte> bytes)
    {
        if (Envelope.Parse(bytes, _tags, out var envelope, settings.MaximumPayload) is var fault and not EnvelopeFault.None)
        {
            Unreadable(fault);
            return null;
        }

        return envelope;
    }

    private static RemoteHit Hit(in Envelope envelope, TimeSpan left, long confirmed, IDisposable? owner = null) =>
        new(envelope.Payload, envelope.Stamp, envelope.Tags, left, envelope.Life > left ? envelope.Life - left : TimeSpan.Zero)
        {
            Owner = owner,
            Confirmed = confirmed,
            ContentVersion = envelope.ContentVersion,
            Identity = envelope.Identity,
            Mark = envelope.Checksum,
        };

    private void Unreadable(EnvelopeFault reason)
    {
        var bit = 1 << (int)reason;
        if ((Interlocked.Or(ref _logged, bit) & bit) == 0)
            logger.ValueUnreadable(cache, reason.ToString());
    }

    /// <summary>Converts to whole milliseconds, at least 1, as the server requires.</summary>
    private static long Milliseconds(TimeSpan time) => Math.Max(1, (long)time.TotalMilliseconds);
}
