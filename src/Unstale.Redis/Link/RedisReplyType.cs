namespace Unstale.Redis.Link;

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
