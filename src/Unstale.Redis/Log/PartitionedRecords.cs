using Unstale.Boundary;
using Unstale.Log;

namespace Unstale.Redis.Log;

/// <summary>Appends records made from received messages to the partitions of a log that the records concern.</summary>
internal sealed class PartitionedRecords(IReadOnlyList<RedisInvalidationLog> partitions, GuardedLogger logger) : IAsyncDisposable
{
    private readonly ExternalAppender[] _received = [.. partitions.Select(log => new ExternalAppender(log, logger))];

    /// <summary>Largest number of selectors in the latest tail reply of any partition, and the number of tail replies received from every partition.</summary>
    public (int Count, long Reports) Selectors => (partitions.Max(static log => log.Selectors.Count), partitions.Min(static log => log.Selectors.Reports));

    /// <inheritdoc cref="ExternalAppender.AddAsync"/>
    public ValueTask AddAsync(ExternalAppend record, CancellationToken cancellationToken) =>
        _received.Length == 1 ? _received[0].AddAsync(record, cancellationToken) : AddToAllAsync(record, cancellationToken);

    /// <inheritdoc cref="ExternalAppender.AddEverythingAsync"/>
    public async ValueTask AddEverythingAsync(ExternalAppend everything, long? link, CancellationToken cancellationToken) =>
        await Task.WhenAll(_received.Select(received => received.AddEverythingAsync(everything, link, cancellationToken).AsTask())).ConfigureAwait(false);

    public async ValueTask DisposeAsync() => await Task.WhenAll(_received.Select(static received => received.DisposeAsync().AsTask())).ConfigureAwait(false);

    /// <summary>Adds a record to all partitions concurrently, so that an unavailable partition without room in its queue does not delay the others.</summary>
    private async ValueTask AddToAllAsync(ExternalAppend record, CancellationToken cancellationToken)
    {
        var of = KeyPartition.ForEach(record.Record.Targets, _received.Length);
        var adding = new List<Task>();
        for (var i = 0; i < _received.Length; i++)
        {
            if (record.Record.Where(target => KeyPartition.Concerns(of[target], i)) is { } own)
            {
                adding.Add(_received[i].AddAsync(record with { Record = own }, cancellationToken).AsTask());
            }
        }

        await Task.WhenAll(adding).ConfigureAwait(false);
    }
}
