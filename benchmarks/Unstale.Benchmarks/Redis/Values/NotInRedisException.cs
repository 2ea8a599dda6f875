namespace Unstale.Benchmarks.Redis.Values;

/// <summary>Thrown by the load of a value that should have been in Redis.</summary>
internal sealed class NotInRedisException() : Exception("The value was not in Redis.");
