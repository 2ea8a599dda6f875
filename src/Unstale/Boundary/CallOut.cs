namespace Unstale.Boundary;

/// <summary>Kinds of external code that the library calls.</summary>
internal enum CallOut
{
    /// <summary>Logger or logger factory.</summary>
    Logger,

    /// <summary>Listener of instruments, or meter factory.</summary>
    Meter,

    /// <summary>Listener of activities.</summary>
    Activity,

    /// <summary>Time provider or one of its timers.</summary>
    Clock,

    /// <summary>Callback of a timer.</summary>
    Timer,

    /// <summary>Callback registered with a cancellation token.</summary>
    Cancellation,

    /// <summary>Serializer.</summary>
    Serializer,

    /// <summary>Condition or mapping of a rule.</summary>
    Rule,

    /// <summary>Handler of an event or message.</summary>
    Handler,

    /// <summary>Another cache that receives invalidations.</summary>
    Sink,

    /// <summary>Value of the application that is compared, hashed or formatted.</summary>
    Value,
}
