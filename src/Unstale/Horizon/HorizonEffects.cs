namespace Unstale.Horizon;

/// <summary>What a horizon wants done, by whoever drives it, once its lock is left.</summary>
internal sealed class HorizonEffects
{
    /// <summary>Append these (again).</summary>
    public List<Operation> Append { get; } = [];

    /// <summary>These have been acknowledged.</summary>
    public List<Operation> Applied { get; } = [];

    /// <summary>Ask the log for what is missing, now.</summary>
    public bool Tail { get; set; }

    /// <summary>Ask for a new generation instead of this one.</summary>
    public Generation? CreateInstead { get; set; }

    /// <summary>Everything was forgotten; for the log line.</summary>
    public bool Forgotten { get; set; }

    /// <summary>It was, because the history broke, and not because the log no longer has what was missed.</summary>
    public bool IsBroken { get; set; }
}
