using Unstale.Log;
using Unstale.Node;
using Xunit;

namespace Unstale.Tests.Support;

/// <summary>Invalidations whose records carry flags.</summary>
internal static class FlaggedInvalidations
{
    public static async Task<InvalidationReceipt> RaiseAsync(this LogNode node, RecordFlags flags, params InvalidationTarget[] targets)
    {
        var plain = node.NewRecord(SomeInvalidation.Of(targets));
        var flagged = new InvalidationRecord(plain.Id, targets, plain.Origin, plain.Time) { Flags = flags };
        return new(await node.RaiseAsync(flagged, TestContext.Current.CancellationToken), new LogPartitions([node]));
    }

    public static async Task<InvalidationReceipt> ReceiptAsync(this LogNode node, Invalidation invalidation)
    {
        var log = new LogPartitions([node]);
        return new(await log.RaiseAsync(invalidation, TestContext.Current.CancellationToken), log);
    }

    public static Task<InvalidationReceipt> RaiseOnceAsync(this LogNode node, string tag) =>
        node.RaiseAsync(RecordFlags.ServeStaleOnce, InvalidationTarget.ForTag(tag));
}
