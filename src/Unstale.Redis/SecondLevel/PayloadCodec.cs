namespace Unstale.Redis.SecondLevel;

/// <summary>Encoding of the payload of a stored value. The numbers are part of the format.</summary>
internal enum PayloadCodec : byte
{
    None = 0,
    Brotli = 1,
}
