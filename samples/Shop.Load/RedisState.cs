namespace Shop.Load;

/// <summary>State of Redis in a server's health report.</summary>
internal enum RedisState
{
    /// <summary>No process responds.</summary>
    Gone,

    /// <summary>The server works without Redis, or does not respond.</summary>
    CutOff,

    /// <summary>Redis is connected, and the server is still sending its writes: after an outage, or for a moment with each write.</summary>
    Sending,

    /// <summary>Redis is connected, or not needed.</summary>
    Connected,
}
