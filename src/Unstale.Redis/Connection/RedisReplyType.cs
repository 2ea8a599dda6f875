namespace Unstale.Redis.Connection;

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
