using Unstale.Log;
using Unstale.Node;
using Xunit;

namespace Unstale.Tests.Support;

/// <summary>Invalidations whose records carry flags.</summary>
internal static class FlaggedInvalidations
{
    public static Task<InvalidationReceipt> RaiseAsync(this LogNode node, RecordFlags flags, params InvalidationTarget[] targets) =>
        node.ReceiptAsync(new Invalidation(targets, null) { Flags = flags });

    public static async Task<InvalidationReceipt> ReceiptAsync(this LogNode node, Invalidation invalidation)
    {
        var log = new LogPartitions([node]);
        return new(await log.RaiseAsync(invalidation, TestContext.Current.CancellationToken), log);
    }

    public static Task<InvalidationReceipt> RaiseOnceAsync(this LogNode node, string tag) =>
        node.RaiseAsync(RecordFlags.ServeStaleOnce, InvalidationTarget.ForTag(tag));
}
