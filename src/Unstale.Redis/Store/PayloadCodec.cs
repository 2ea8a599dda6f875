namespace Unstale.Redis.Store;

/// <summary>How the payload of a stored value is written. The numbers are part of the format.</summary>
internal enum PayloadCodec : byte
{
    None = 0,
    Brotli = 1,
}
