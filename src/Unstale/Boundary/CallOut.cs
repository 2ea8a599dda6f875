namespace Unstale.Boundary;

/// <summary>Kinds of code outside the product that the product calls.</summary>
internal enum CallOut
{
    /// <summary>A logger, or the factory that makes one.</summary>
    Logger,

    /// <summary>A listener of instruments, or the factory that makes meters.</summary>
    Meter,

    /// <summary>A listener of activities.</summary>
    Activity,

    /// <summary>A time provider or one of its timers.</summary>
    Clock,

    /// <summary>The work of a timer.</summary>
    Timer,

    /// <summary>A callback registered at a cancellation token.</summary>
    Cancellation,

    /// <summary>A serializer.</summary>
    Serializer,

    /// <summary>A condition or mapping of a rule.</summary>
    Rule,

    /// <summary>A handler of an event or message.</summary>
    Handler,

    /// <summary>Another cache that is told of invalidations.</summary>
    Target,

    /// <summary>A value of the application that is compared, hashed or made text.</summary>
    Value,
}
