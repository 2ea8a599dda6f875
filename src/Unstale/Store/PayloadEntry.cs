namespace Unstale.Store;

/// <summary>An entry whose value is kept serialised: each caller gets a copy.</summary>
/// <typeparam name="T">The type it was serialised as.</typeparam>
internal sealed class PayloadEntry<T>(byte[] payload, in EntryHead head) : Entry(head)
{
    public byte[] Payload => payload;

    public override long Size => base.Size + payload.Length + 24;
}
