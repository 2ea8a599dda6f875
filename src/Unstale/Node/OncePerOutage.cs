namespace Unstale.Node;

/// <summary>Reduces the reports of a lasting failure to two: one for its start, one for its end. Not safe for concurrent use.</summary>
internal struct OncePerOutage
{
    /// <summary>Whether an outage has started and not ended.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Starts an outage. Returns true unless one is open.</summary>
    public bool Start()
    {
        var starts = !IsOpen;
        IsOpen = true;
        return starts;
    }

    /// <summary>Ends the outage. Returns true if one was open.</summary>
    public bool End()
    {
        var ends = IsOpen;
        IsOpen = false;
        return ends;
    }
}
