namespace Unstale.Memory;

/// <summary>Entry whose value is returned to every caller without a copy.</summary>
internal sealed class ValueEntry<T>(T value, in EntryHeader head) : Entry(head)
{
    public readonly T Value = value;
}
