namespace Shop.Load;

/// <summary>What a server's health says of its Redis.</summary>
internal enum RedisState
{
    /// <summary>There is no process to ask.</summary>
    Gone,

    /// <summary>It does without, or it does not answer.</summary>
    CutOff,

    /// <summary>It has it, and is still sending what it has written: after an outage, or for a moment with each write.</summary>
    Sending,

    /// <summary>It has it, or needs none.</summary>
    Connected,
}
