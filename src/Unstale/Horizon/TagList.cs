namespace Unstale.Horizon;

/// <summary>Set of any number of tags but one.</summary>
internal sealed class TagList(TagCell[] cells, string[] tags) : TagSet
{
    public TagCell[] Items => cells;

    public override ReadOnlySpan<string> Names => tags;

    public override string[] Tags => tags;
}
