namespace Unstale.Redis.Link;

/// <summary>The type of a reply.</summary>
internal enum RedisReplyType
{
    Null,
    Integer,
    Bulk,
    SimpleString,
    Error,
    Boolean,
    Array,
}
