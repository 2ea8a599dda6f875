using Unstale.Values;

namespace Unstale.Memory;

/// <summary>Entry whose value is returned to every caller without a copy.</summary>
internal sealed class ValueEntry<T>(T value, in EntryHeader head) : Entry(head)
{
    public readonly T Value = value;

    public override long Size => base.Size + (ValueSize<T>.IsKnown ? ValueSize<T>.Of(Value) : ObjectSize.Reference);
}
