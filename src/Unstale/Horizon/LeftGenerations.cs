namespace Unstale.Horizon;

/// <summary>
/// Generations left by a node, which must never be adopted again: their server may have missed invalidations in the meantime. The newest 64 are
/// stored. Of the dropped ones only the highest number is stored, and every generation up to this number counts as left, because a new generation
/// gets a number above all numbers seen by its creator.
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
