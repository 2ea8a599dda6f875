using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Horizon;
using Unstale.Log;
using Unstale.Node;
using Unstale.Remote;
using Unstale.Store;

namespace Unstale.Partitions;

/// <summary>Writes values in one partition of a cache: appends the record of a key, and stores the value as of the record.</summary>
internal sealed class CacheWriter(LogNode node, StoreContext context, Loader loader)
{
    /// <summary>Appends the record, and stores the value as of the record if permitted.</summary>
    public async ValueTask<(Operation Operation, bool IsKept)> WriteAsync<T>(
        string key, T value, EntryLife life, PreparedWrite prepared, InvalidationRecord record, CancellationToken cancellationToken)
    {
        var (tags, payload) = prepared;
        var asked = node.Ask();
        if (!prepared.MayKeep || !context.UsesRemote(life))
        {
            var raised = await RaiseAsync(record, prepared.Failure, cancellationToken).ConfigureAwait(false);

            // A shared log compares the version only in the step that also writes to the second level.
            var isNewest = record.Version is null || raised.Version == VersionState.Newest;
            return (raised, prepared.MayKeep && raised.IsApplied && isNewest && KeepSet(key, value, payload, tags, raised.Position.Sequence, asked, life));
        }

        var (operation, isWritten) = await SetRemoteAsync<T>(key, payload!, life, tags, record, asked, cancellationToken).ConfigureAwait(false);
        if (isWritten && operation.IsApplied)
            KeepSet(key, value, payload, tags, operation.Position.Sequence, asked, life);
        return (operation, isWritten);
    }

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
        string key, byte[] payload, EntryLife life, string[] tags, InvalidationRecord record, AskedAt asked, CancellationToken cancellationToken)
    {
        if (!asked.IsReady || !node.Horizon.View.IsTrusted(asked.Time))
            return (await node.RaiseAsync(record, cancellationToken).ConfigureAwait(false), false);
        var operation = node.Begin(record);
        var value = new RemoteValue(
            payload, asked.Cursor, tags, TimeSpan.FromMilliseconds(life.Expiration), !life.Skips(HybridCacheEntryFlags.DisableCompression))
        {
            Version = record.Version?.Version ?? 0,
            ContentVersion = context.ContentVersion,
            Identity = context.Codecs.For<T>().Identity,
        };
        var sending = SendSetAsync(operation, key, value, asked);
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
    private async Task<bool> SendSetAsync(Operation operation, string key, RemoteValue value, AskedAt asked)
    {
        try
        {
            var connection = node.Connection;
            var reply = await context.Remote!.SetAsync(
                node.Horizon.Partition, operation.Record, asked.Generation, key, value, CancellationToken.None).ConfigureAwait(false);
            if (connection == node.Connection)
                return node.Acknowledge(operation, reply.Append, asked) && reply.Written;
        }
        catch (Exception exception)
        {
            context.RemoteFailed(exception);
        }

        node.Requeue(operation);
        return false;
    }

    /// <summary>Stores the value in memory if permitted. Returns true if the value was stored.</summary>
    private bool KeepSet<T>(string key, T value, byte[]? payload, string[] tags, long sequence, in AskedAt asked, in EntryLife life)
    {
        if (life.LocalExpiration <= 0 || life.Skips(HybridCacheEntryFlags.DisableLocalCacheWrite))
            return false;
        var horizon = node.Horizon;
        context.Entries.Prepare();
        lock (horizon.Gate)
        {
            var set = horizon.Tags.Hold(tags);
            var mayKeep = horizon.View.IsTrusted(context.Clock.Now) && horizon.MaySet(key, set, sequence, asked);
            if (mayKeep)
                loader.Put_NeedsLock(FillIdentity.Of<T>(key, life), value, payload, set, sequence, life);
            else
                horizon.Tags.Release(set);
            return mayKeep;
        }
    }
}
