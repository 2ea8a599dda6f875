using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Horizon;
using Unstale.Loading;
using Unstale.Log;
using Unstale.Node;
using Unstale.Remote;

namespace Unstale.WriteThrough;

/// <summary>Writes values in one partition of a cache: appends the record of a key, and stores the value as of the record.</summary>
internal sealed class CacheWriter(LogNode node, StoreContext context, LoadCoordinator loader)
{
    /// <summary>Appends the record, and stores the value as of the record if permitted.</summary>
    public async ValueTask<(Operation Operation, bool IsKept)> WriteAsync<T>(
        string key, T value, EntryLifetime life, PreparedWrite prepared, InvalidationRecord record, CancellationToken cancellationToken)
    {
        var (tags, payload) = prepared;
        var snapshot = node.Snapshot();
        if (!prepared.MayKeep || !context.UsesRemote(life))
        {
            var raised = await RaiseAsync(record, prepared.Failure, cancellationToken).ConfigureAwait(false);

            // A log with a second level compares the version only in the step that also writes there.
            var isNewest = record.Version is null || raised.Version == VersionState.Newest;
            return (raised, prepared.MayKeep && raised.IsApplied && isNewest && KeepSet(key, value, prepared, raised.Position.Sequence, snapshot, life));
        }

        var (operation, isWritten) = await SetRemoteAsync<T>(key, payload!, life, tags, record, snapshot, cancellationToken).ConfigureAwait(false);
        if (isWritten && operation.IsApplied)
            KeepSet(key, value, prepared, operation.Position.Sequence, snapshot, life);
        return (operation, isWritten);
    }

    /// <summary>Stores a value that was read as of a position in memory, if nothing that concerns the value was invalidated since.</summary>
    public bool KeepAsOf<T>(string key, T value, in EntryLifetime life, in PreparedWrite prepared, in LogPosition asOf) =>
        Keep(key, value, prepared, asOf.Sequence, asOf, life, static (horizon, key, tags, _, asOf) => horizon.MayStoreAsOf(key, tags, asOf));

    /// <summary>Appends the record. An earlier failure is thrown afterwards, even if the wait fails.</summary>
    private async ValueTask<Operation> RaiseAsync(InvalidationRecord record, ExceptionDispatchInfo? failure, CancellationToken cancellationToken)
    {
        try
        {
            return await node.RaiseAsync(record, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            failure?.Throw();
        }
    }

    /// <summary>
    /// Appends the record and writes the value in one step on the server, which is sent once. If the outcome is unknown, or if the node may not send the
    /// step, only the record is appended (again).
    /// </summary>
    private async ValueTask<(Operation Operation, bool IsWritten)> SetRemoteAsync<T>(
        string key, byte[] payload, EntryLifetime life, string[] tags, InvalidationRecord record, RequestSnapshot snapshot, CancellationToken cancellationToken)
    {
        if (!snapshot.IsReady || !node.Horizon.View.IsTrusted(snapshot.Time))
            return (await node.RaiseAsync(record, cancellationToken).ConfigureAwait(false), false);
        var operation = node.Begin(record);
        var value = new RemoteValue(
            payload, snapshot.Cursor, tags, TimeSpan.FromMilliseconds(life.Expiration), !life.Skips(HybridCacheEntryFlags.DisableCompression))
        {
            Version = record.Version?.Version ?? 0,
            ContentVersion = context.ContentVersion,
            Identity = context.Codecs.For<T>().Identity,
        };
        var sending = SendSetAsync(operation, key, value, snapshot);
        try
        {
            await node.WaitAsync(operation, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            node.Enforce(operation);
        }

        return (operation, operation.IsApplied && await sending.ConfigureAwait(false));
    }

    /// <summary>Returns true if the record was appended and the value was written in the same step.</summary>
    private async Task<bool> SendSetAsync(Operation operation, string key, RemoteValue value, RequestSnapshot snapshot)
    {
        try
        {
            var connection = node.Connection;
            var reply = await context.Remote!.SetAsync(
                node.Horizon.Partition, operation.Record, snapshot.Generation, key, value, CancellationToken.None).ConfigureAwait(false);
            if (connection == node.Connection)
                return node.Acknowledge(operation, reply.Append, snapshot) && reply.Written;
        }
        catch (Exception exception)
        {
            context.RemoteFailed(exception);
        }

        node.Requeue(operation);
        return false;
    }

    private bool KeepSet<T>(string key, T value, in PreparedWrite prepared, long sequence, in RequestSnapshot snapshot, in EntryLifetime life) =>
        Keep(key, value, prepared, sequence, snapshot, life, static (horizon, key, tags, sequence, snapshot) => horizon.MaySet(key, tags, sequence, snapshot));

    /// <summary>Stores the value in memory if permitted. Returns true if the value was stored.</summary>
    private bool Keep<T, TState>(
        string key,
        T value,
        in PreparedWrite prepared,
        long stamp,
        in TState state,
        in EntryLifetime life,
        Func<PartitionHorizon, string, TagSet, long, TState, bool> mayStore)
    {
        if (!life.KeepsHere)
            return false;
        var horizon = node.Horizon;
        context.Entries.Prepare();
        lock (horizon.Gate)
        {
            var set = horizon.Tags.Hold(prepared.Tags);
            if (horizon.View.IsTrusted(context.Clock.Now) && mayStore(horizon, key, set, stamp, state))
                return loader.Put_NeedsLock(LoadIdentity.For<T>(key, life), value, prepared.Payload, prepared.Size, set, stamp, life);
            horizon.Tags.Release(set);
            return false;
        }
    }
}
