namespace Unstale.Rules;

/// <summary>Finds a cycle of relationships. The reverse direction of a bidirectional relationship does not count as a cycle.</summary>
internal static class RelationshipCycle
{
    /// <param name="begin">Relationships of which one must be part of the cycle.</param>
    /// <param name="goOn">Further relationships that can be part of the cycle.</param>
    /// <returns>Names along the cycle, with the first name repeated at the end; null if there is no cycle.</returns>
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
