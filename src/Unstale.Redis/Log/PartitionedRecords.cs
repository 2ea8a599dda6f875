using Unstale.Boundary;
using Unstale.Log;

namespace Unstale.Redis.Log;

/// <summary>Appends records made from received messages to the partitions of a log that the records concern.</summary>
internal sealed class PartitionedRecords(IReadOnlyList<RedisInvalidationLog> partitions, GuardedLogger logger) : IAsyncDisposable
{
    private readonly HeardRecords[] _heard = [.. partitions.Select(log => new HeardRecords(log, logger))];

    /// <summary>Largest number of selectors in the latest tail reply of any partition, and the number of tail replies received from every partition.</summary>
    public (int Count, long Reports) Broads => (partitions.Max(static log => log.Broads.Count), partitions.Min(static log => log.Broads.Reports));

    /// <inheritdoc cref="HeardRecords.AddAsync"/>
    public ValueTask AddAsync(HeardRecord record, CancellationToken cancellationToken) =>
        _heard.Length == 1 ? _heard[0].AddAsync(record, cancellationToken) : AddToAllAsync(record, cancellationToken);

    /// <inheritdoc cref="HeardRecords.AddEverythingAsync"/>
    public async ValueTask AddEverythingAsync(HeardRecord everything, long? link, CancellationToken cancellationToken) =>
        await Task.WhenAll(_heard.Select(heard => heard.AddEverythingAsync(everything, link, cancellationToken).AsTask())).ConfigureAwait(false);

    public async ValueTask DisposeAsync() => await Task.WhenAll(_heard.Select(static heard => heard.DisposeAsync().AsTask())).ConfigureAwait(false);

    /// <summary>Adds a record to all partitions concurrently, so that an unavailable partition without room in its queue does not delay the others.</summary>
    private async ValueTask AddToAllAsync(HeardRecord record, CancellationToken cancellationToken)
    {
        var of = KeyPartition.OfEach(record.Record.Targets, _heard.Length);
        var adding = new List<Task>();
        for (var i = 0; i < _heard.Length; i++)
        {
            if (record.Record.Where(target => KeyPartition.Concerns(of[target], i)) is { } own)
            {
                adding.Add(_heard[i].AddAsync(record with { Record = own }, cancellationToken).AsTask());
            }
        }

        await Task.WhenAll(adding).ConfigureAwait(false);
    }
}
