namespace Unstale.Horizon;

/// <summary>Work requested by a horizon. The owner runs it after releasing the horizon's lock.</summary>
internal sealed class HorizonEffects
{
    /// <summary>Operations to append, or to append again.</summary>
    public List<Operation> Append { get; } = [];

    /// <summary>Operations acknowledged by the log.</summary>
    public List<Operation> Applied { get; } = [];

    /// <summary>Whether to request missing records from the log now.</summary>
    public bool Tail { get; set; }

    /// <summary>Generation to replace by a new one; null if none.</summary>
    public Generation? CreateInstead { get; set; }

    /// <summary>Whether everything held was forgotten. The event is logged.</summary>
    public bool Forgotten { get; set; }

    /// <summary>Whether everything was forgotten because the history broke, and not because the log no longer has the missed records.</summary>
    public bool IsBroken { get; set; }
}
