namespace Shop.Nodes;

/// <summary>Tallies of all places, by product.</summary>
internal sealed class AnswerLedger
{
    private readonly Dictionary<(string Cache, string Node, long Product), AnswerTally> _tallies = [];
    private readonly Lock _gate = new();

    /// <summary>Counts an answer and returns the tally.</summary>
    public AnswerTally Count(Place place, long product, long current, bool isStale, TimeSpan? sinceWrite, string outcome)
    {
        var key = (place.Cache, place.Node.Name, product);
        lock (_gate)
        {
            var before = _tallies.GetValueOrDefault(key) ?? new AnswerTally(current);
            return _tallies[key] = before.With(current, isStale, sinceWrite, outcome);
        }
    }

    /// <summary>Records that the memory of a place was found empty, and returns the tally; null for a place without an answer so far.</summary>
    public AnswerTally? CountNothing(Place place, long product, long current, TimeSpan? sinceWrite)
    {
        var key = (place.Cache, place.Node.Name, product);
        lock (_gate)
            return _tallies.TryGetValue(key, out var before) ? _tallies[key] = before.WithNothing(current, sinceWrite) : null;
    }

    public void Clear()
    {
        lock (_gate)
            _tallies.Clear();
    }
}
