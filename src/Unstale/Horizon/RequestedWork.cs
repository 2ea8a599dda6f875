namespace Unstale.Horizon;

/// <summary>Collects the work that the parts of a horizon request. Additions require the horizon's lock.</summary>
internal sealed class RequestedWork
{
    private HorizonEffects? _effects;

    /// <summary>Whether work is requested. Read without the lock.</summary>
    public bool IsAny => Volatile.Read(ref _effects) is not null;

    /// <summary>Work requested since the last call of <see cref="Dequeue"/>, for additions.</summary>
    public HorizonEffects Effects => _effects ??= new HorizonEffects();

    /// <summary>Returns the work requested since the last call; null if none.</summary>
    public HorizonEffects? Dequeue()
    {
        var effects = _effects;
        _effects = null;
        return effects;
    }
}
