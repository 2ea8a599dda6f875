using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Telemetry;

namespace Unstale.Queries;

/// <summary>
/// Reports the number of entries removed by each pattern of an event or a command, once the sweep has counted them. Runs in the background. Limits the number
/// of concurrent waits and the duration of each wait; beyond these limits the report has no count.
/// </summary>
internal sealed class RemovalReporter(MessageMetrics metrics, GuardedLogger logger, GuardedTime time) : IDisposable
{
    internal const int MostWaiting = 1024;
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _end = new();
    private int _waiting;
    private int _disposed;

    public void Follow(MessageKind kind, string name, IReadOnlyList<RaisedPattern> patterns, bool isLogged)
    {
        isLogged = isLogged && logger.IsEnabled(LogLevel.Information);
        if (patterns.Count > 0 && (isLogged || metrics.CountsCleared))
            _ = WithoutExecutionContext.Start((Reports: this, kind, name, patterns, isLogged), static s => s.Reports.ReportAsync(s.kind, s.name, s.patterns, s.isLogged));
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _ = GuardedCancellation.Cancel(_end);
        _end.Dispose();
    }

    private async Task ReportAsync(MessageKind kind, string name, IReadOnlyList<RaisedPattern> patterns, bool isLogged)
    {
        var invalidatedAt = time.GetUtcNow();
        var cleared = await ClearedAsync([.. patterns.SelectMany(static pattern => pattern.Receipts).Distinct()]).ConfigureAwait(false);
        foreach (var pattern in patterns)
        {
            if (pattern.Receipts.TrueForAll(static receipt => receipt.State == ReceiptState.Dropped))
                continue; // the transaction was rolled back
            long? count = cleared is null ? null : pattern.Group?.Entries ?? pattern.Receipts.Sum(receipt => cleared[receipt]);
            if (count is { } entries)
                metrics.Cleared(kind, name, pattern.Text, entries);
            if (isLogged)
                new CacheInvalidated(name, pattern.Text, invalidatedAt) { KeysCleared = count }.Write(logger);
        }
    }

    /// <summary>Returns the number of entries removed by each invalidation; null if the number is not known in time.</summary>
    private async Task<Dictionary<InvalidationReceipt, long>?> ClearedAsync(List<InvalidationReceipt> receipts)
    {
        try
        {
            if (Interlocked.Increment(ref _waiting) > MostWaiting)
                return null;
            var swept = Task.WhenAll(receipts.Select(receipt => receipt.CountAsync(_end.Token).AsTask()));
            var counts = await swept.WaitAsync(Limit, time, _end.Token).ConfigureAwait(false);
            return receipts.Zip(counts).ToDictionary(static one => one.First, static one => one.Second);
        }
        catch (Exception)
        {
            return null; // timed out or no count available: the log line has no count
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
