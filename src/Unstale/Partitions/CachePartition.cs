using Unstale.Horizon;
using Unstale.Loading;
using Unstale.Memory;
using Unstale.Node;
using Unstale.WriteThrough;

namespace Unstale.Partitions;

/// <summary>Part of one cache that belongs to one partition of its log: the entries, loads and writes of the keys that hash to the partition.</summary>
internal sealed class CachePartition
{
    public CachePartition(LogNode node, StoreContext context, LoadCoordinator loader)
    {
        (Node, Context, Loader) = (node, context, loader);
        View = node.Horizon.View;
        Entries = context.Entries;
        Table = context.Entries.Table;
        Writer = new CacheWriter(node, context, loader);
    }

    public LogNode Node { get; }

    public HorizonView View { get; }

    public MemoryStore Entries { get; }

    /// <summary>Table of the entries. Stored here to save an indirection on a hit.</summary>
    public EntryTable Table { get; }

    public StoreContext Context { get; }

    public LoadCoordinator Loader { get; }

    public CacheWriter Writer { get; }
}
