using Unstale.Values;

namespace Unstale.Memory;

/// <summary>Entry whose value is stored in serialised form. Each caller receives a copy.</summary>
/// <typeparam name="T">Type as which the value was serialised.</typeparam>
internal sealed class PayloadEntry<T>(byte[] payload, in EntryHeader head) : Entry(head)
{
    public byte[] Payload => payload;

    public override long Size => base.Size + ObjectSize.Reference + ObjectSize.OfArray(payload.Length, sizeof(byte));
}
