namespace Unstale.Store;

/// <summary>An entry whose value may be given to every caller as it is.</summary>
internal sealed class ValueEntry<T>(T value, in EntryHead head) : Entry(head)
{
    public readonly T Value = value;
}
