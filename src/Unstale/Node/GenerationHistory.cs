namespace Unstale.Node;

/// <summary>Generations that a node follows and followed, and the times since which the node has followed and trusted the current one.</summary>
/// <remarks>All members require the lock of the horizon.</remarks>
internal sealed class GenerationHistory
{
    /// <summary>Number of former generations that a node remembers.</summary>
    private const int Remembered = 64;

    /// <summary>Newest generations followed and left, oldest first.</summary>
    private readonly Queue<Generation> _left = new();
    private Generation _current;

    /// <summary>Monotonic time since which the node is in its generation.</summary>
    public long FollowedSince { get; private set; }

    /// <summary>Monotonic time since which the node has been trusted in its generation without interruption.</summary>
    public long TrustedSince { get; private set; }

    /// <summary>True if the node followed the generation before the current one.</summary>
    public bool HasLeft(Generation generation) => _left.Contains(generation);

    /// <summary>Records the state of the node after the reply to a tail.</summary>
    /// <param name="generation">Generation of the node; none if the reply left it without one.</param>
    /// <param name="wasTrusted">Whether the node was trusted before the reply.</param>
    /// <param name="now">Current monotonic time, in milliseconds.</param>
    public void NoteTail(Generation generation, bool wasTrusted, long now)
    {
        var isNew = generation != Generation.None && generation != _current;
        if (isNew || !wasTrusted)
            TrustedSince = now;
        if (!isNew)
            return;
        if (_current != Generation.None)
            _left.Enqueue(_current);
        if (_left.Count > Remembered)
            _left.Dequeue();
        (_current, FollowedSince) = (generation, now);
    }
}
