using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Telemetry;

namespace Unstale.Queries;

/// <summary>
/// Reports the number of entries removed by an event or a command, once the sweep has counted them. Runs in the background. Limits the number
/// of concurrent waits and the duration of each wait; beyond these limits the report has no count.
/// </summary>
internal sealed class RemovalReporter(MessageMetrics metrics, GuardedLogger logger, GuardedTime time) : IDisposable
{
    internal const int MostWaiting = 1024;
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _end = new();
    private int _waiting;
    private int _disposed;

    public void Follow(MessageKind kind, string name, string pattern, IReadOnlyList<InvalidationReceipt> receipts, bool isLogged)
    {
        isLogged = isLogged && logger.IsEnabled(LogLevel.Information);
        if (receipts.Count > 0 && (isLogged || metrics.CountsCleared))
        {
            var report = new CacheInvalidated(name, pattern, time.GetUtcNow());
            _ = WithoutExecutionContext.Start(
                (Reports: this, kind, pattern, report, receipts, isLogged), static s => s.Reports.ReportAsync(s.kind, s.pattern, s.report, s.receipts, s.isLogged));
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _ = GuardedCancellation.Cancel(_end);
        _end.Dispose();
    }

    private async Task ReportAsync(MessageKind kind, string pattern, CacheInvalidated report, IReadOnlyList<InvalidationReceipt> receipts, bool isLogged)
    {
        var cleared = await ClearedAsync(receipts).ConfigureAwait(false);
        if (receipts.All(static receipt => receipt.State == ReceiptState.Dropped))
            return; // the transaction was rolled back
        if (cleared is { } count)
            metrics.Cleared(kind, report.EventType, pattern, count);
        if (isLogged)
            (report with { KeysCleared = cleared }).Write(logger);
    }

    private async Task<long?> ClearedAsync(IReadOnlyList<InvalidationReceipt> receipts)
    {
        try
        {
            if (Interlocked.Increment(ref _waiting) > MostWaiting)
                return null;
            var swept = Task.WhenAll(receipts.Select(receipt => receipt.CountAsync(_end.Token).AsTask()));
            return (await swept.WaitAsync(Limit, time, _end.Token).ConfigureAwait(false)).Sum();
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
