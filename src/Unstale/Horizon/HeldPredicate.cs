using Unstale.Predicates;

namespace Unstale.Horizon;

/// <summary>Predicate carried by at least one entry or load, with the cell that its changes raise.</summary>
internal sealed class HeldPredicate(RowPredicate predicate, TagCell cell)
{
    public RowPredicate Predicate => predicate;

    public TagCell Cell => cell;

    /// <summary>Number of the last search that found the predicate, so that one search returns it once.</summary>
    public long FoundBy { get; set; }
}
