namespace Unstale.Redis.Resp;

/// <summary>The types of RESP3. A null is a type here, whichever of its three forms the server chose.</summary>
internal enum RespType : byte
{
    Null,
    SimpleString,
    Error,
    Integer,
    Bulk,
    Array,
    Map,
    Set,
    Push,
    Attribute,
    Double,
    Boolean,
    Verbatim,
    BigNumber,
}
