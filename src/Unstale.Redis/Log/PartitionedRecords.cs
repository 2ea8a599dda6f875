using Unstale.Boundary;
using Unstale.Log;

namespace Unstale.Redis.Log;

/// <summary>Brings records that were heard elsewhere into the partitions of a log that they concern.</summary>
internal sealed class PartitionedRecords(IReadOnlyList<RedisInvalidationLog> partitions, GuardedLogger logger) : IAsyncDisposable
{
    private readonly HeardRecords[] _heard = [.. partitions.Select(log => new HeardRecords(log, logger))];

    /// <summary>Most patterns that a partition listed when its tail was answered last, and the number of answers that every partition has given.</summary>
    public (int Count, long Reports) Broads => (partitions.Max(static log => log.Broads.Count), partitions.Min(static log => log.Broads.Reports));

    /// <inheritdoc cref="HeardRecords.AddAsync"/>
    public ValueTask AddAsync(HeardRecord record, CancellationToken cancellationToken) =>
        _heard.Length == 1 ? _heard[0].AddAsync(record, cancellationToken) : AddToAllAsync(record, cancellationToken);

    /// <inheritdoc cref="HeardRecords.AddEverythingAsync"/>
    public async ValueTask AddEverythingAsync(HeardRecord everything, long? link, CancellationToken cancellationToken) =>
        await Task.WhenAll(_heard.Select(heard => heard.AddEverythingAsync(everything, link, cancellationToken).AsTask())).ConfigureAwait(false);

    public async ValueTask DisposeAsync() => await Task.WhenAll(_heard.Select(static heard => heard.DisposeAsync().AsTask())).ConfigureAwait(false);

    /// <summary>A partition that is away, and has no room, holds up no other one with this record.</summary>
    private async ValueTask AddToAllAsync(HeardRecord record, CancellationToken cancellationToken)
    {
        var adding = new List<Task>();
        for (var i = 0; i < _heard.Length; i++)
        {
            if (record.Record.Where(target => KeyPartition.Concerns(i, _heard.Length, target)) is { } own)
            {
                adding.Add(_heard[i].AddAsync(record with { Record = own }, cancellationToken).AsTask());
            }
        }

        await Task.WhenAll(adding).ConfigureAwait(false);
    }
}
