namespace Unstale.Rules;

/// <summary>Finds a way along relationships that comes back to where it began. The way back of a bidirectional one is none.</summary>
internal static class RelationshipCycle
{
    /// <param name="begin">Relationships of which one has to be part of it.</param>
    /// <param name="goOn">Others that may be.</param>
    /// <returns>The names along the way, the first again as the last; null if there is none.</returns>
    public static IReadOnlyList<string>? Find(IReadOnlyCollection<DataRelationship> begin, IReadOnlyCollection<DataRelationship> goOn)
    {
        var edges = begin.Concat(goOn)
            .SelectMany(relationship => relationship.Targets.Select(target => (relationship.Source, Target: target)))
            .ToLookup(edge => edge.Source, edge => edge.Target, StringComparer.Ordinal);
        foreach (var relationship in begin)
        {
            foreach (var target in relationship.Targets)
            {
                if (Way(edges, target, relationship.Source) is { } way)
                    return [relationship.Source, .. way];
            }
        }

        return null;
    }

    private static List<string>? Way(ILookup<string, string> edges, string from, string to)
    {
        var cameFrom = new Dictionary<string, string?>(StringComparer.Ordinal) { [from] = null };
        var next = new Queue<string>([from]);
        while (next.TryDequeue(out var name))
        {
            if (name == to)
                return Back(cameFrom, name);
            foreach (var target in edges[name])
            {
                if (cameFrom.TryAdd(target, name))
                    next.Enqueue(target);
            }
        }

        return null;
    }

    private static List<string> Back(Dictionary<string, string?> cameFrom, string? end)
    {
        var way = new List<string>();
        for (; end is not null; end = cameFrom[end])
            way.Add(end);
        way.Reverse();
        return way;
    }
}
