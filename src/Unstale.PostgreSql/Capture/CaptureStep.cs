namespace Unstale.PostgreSql.Capture;

/// <summary>Steps of a captured transaction, in order. A reader may end between any two of them.</summary>
internal enum CaptureStep
{
    /// <summary>Transaction decoded, nothing appended.</summary>
    Decoded = 1,

    /// <summary>Changes in the log, slot not confirmed.</summary>
    Appended = 2,

    /// <summary>Slot confirmed.</summary>
    Confirmed = 3,

    /// <summary>A new slot exists under a temporary name, nothing invalidated.</summary>
    SlotCreated = 4,

    /// <summary>Everything invalidated, the new slot not in use.</summary>
    SlotInvalidated = 5,
}
