using Unstale.Values;

namespace Unstale.Horizon;

/// <summary>Set of any number of tags but one.</summary>
internal sealed class TagList(TagCell[] cells, string[] tags) : TagSet
{
    public TagCell[] Items => cells;

    /// <summary>Two references, the holders, both arrays, and a slot of the table.</summary>
    public override long Size =>
        ObjectSize.Header + 24 + (2 * ObjectSize.OfArray(cells.Length, ObjectSize.Reference)) + ObjectSize.Reference + ObjectSize.TableSlot;

    public override ReadOnlySpan<string> Names => tags;

    public override string[] Tags => tags;
}
