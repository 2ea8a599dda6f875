namespace Unstale.Horizon;

/// <summary>
/// Generations that a node has left and must never adopt again: their server may have missed invalidations that came meanwhile.
/// The newest 64 are held. Of those that were dropped the highest number is held: every generation up to it counts as left, since
/// whoever begins a generation gives it a number above all that the creator has met.
/// </summary>
internal sealed class LeftGenerations
{
    private const int Kept = 64;

    private readonly Queue<Generation> _newest = new();
    private ulong _droppedNumber;
    private bool _hasDropped;

    public void Add(Generation generation)
    {
        if (generation == Generation.None || _newest.Contains(generation))
            return;
        if (_newest.Count == Kept)
        {
            _droppedNumber = Math.Max(_droppedNumber, _newest.Dequeue().Number);
            _hasDropped = true;
        }

        _newest.Enqueue(generation);
    }

    public bool Contains(Generation generation) =>
        _newest.Contains(generation) || (_hasDropped && generation.Number <= _droppedNumber);
}
