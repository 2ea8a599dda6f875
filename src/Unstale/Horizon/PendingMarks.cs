namespace Unstale.Horizon;

/// <summary>What an unacknowledged operation holds as "later than all".</summary>
internal sealed class PendingMarks
{
    public List<TagCell> Cells { get; } = [];

    public List<BroadRecord> Broad { get; } = [];

    public List<string> Keys { get; } = [];

    public bool Everything { get; set; }
}
