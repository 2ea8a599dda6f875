using System.Collections.Concurrent;

namespace Unstale.Rules;

/// <summary>Type to which a change propagates.</summary>
/// <param name="Name">Name of the type.</param>
/// <param name="Chain">Path to the type: <c>user -> session -> navigation</c>.</param>
/// <param name="Level">Number of relationships on the path.</param>
internal readonly record struct RelatedName(string Name, string Chain, int Level);

/// <summary>Types to which a change of each type propagates. The relationship at the start of a walk determines the maximum depth.</summary>
internal sealed class RelationshipMap
{
    private static readonly RelatedName[] None = [];

    private readonly Dictionary<string, List<(string Target, int Relationship)>> _starts = new(StringComparer.Ordinal);
    private readonly List<int> _depths = [];
    private readonly RelationshipMap? _further;

    // Bounded by the number of sources: types without a relationship are not stored.
    private readonly ConcurrentDictionary<string, RelatedName[]> _walked = new(StringComparer.Ordinal);

    /// <param name="relationships">Relationships from which a walk can start.</param>
    /// <param name="further">Further relationships that a walk can follow.</param>
    public RelationshipMap(IEnumerable<DataRelationship> relationships, RelationshipMap? further = null)
    {
        _further = further;
        foreach (var relationship in relationships)
            Add(relationship);
    }

    /// <summary>Returns all types to which a change of the source propagates, each once, nearest first, without the source.</summary>
    public RelatedName[] For(string source) => _starts.ContainsKey(source) ? _walked.GetOrAdd(source, Walk) : None;

    /// <summary>Returns whether a change of another type can propagate to this type.</summary>
    public bool Reaches(string name)
    {
        foreach (var (source, edges) in _starts)
        {
            if (source != name && edges.Exists(edge => edge.Target == name))
                return true;
        }

        return false;
    }

    private void Add(DataRelationship relationship)
    {
        var index = _depths.Count;
        _depths.Add(relationship.Depth);
        foreach (var target in relationship.Targets)
        {
            Starting(relationship.Source).Add((target, index));
            if (relationship.Bidirectional)
                Starting(target).Add((relationship.Source, index));
        }
    }

    private List<(string Target, int Relationship)> Starting(string source)
    {
        if (!_starts.TryGetValue(source, out var edges))
            _starts[source] = edges = [];
        return edges;
    }

    private RelatedName[] Walk(string source)
    {
        var found = new List<RelatedName>();
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var index in _starts[source].Select(edge => edge.Relationship).Distinct())
        {
            foreach (var related in WalkFrom(source, index))
            {
                if (!seen.TryGetValue(related.Name, out var at))
                {
                    seen[related.Name] = found.Count;
                    found.Add(related);
                }
                else if (found[at].Level > related.Level)
                {
                    found[at] = related;
                }
            }
        }

        return [.. found.OrderBy(related => related.Level)];
    }

    private List<RelatedName> WalkFrom(string source, int index)
    {
        var visited = new HashSet<string>(StringComparer.Ordinal) { source };
        var found = new List<RelatedName>();
        foreach (var (target, relationship) in _starts[source])
        {
            if (relationship == index && visited.Add(target))
                found.Add(new(target, $"{source} -> {target}", 1));
        }

        for (var next = 0; next < found.Count; next++)
        {
            var from = found[next];
            if (from.Level == _depths[index])
                break;
            foreach (var target in TargetsOf(from.Name))
            {
                if (visited.Add(target))
                    found.Add(new(target, $"{from.Chain} -> {target}", from.Level + 1));
            }
        }

        return found;
    }

    private IEnumerable<string> TargetsOf(string name)
    {
        IEnumerable<string> own = _starts.TryGetValue(name, out var edges) ? edges.Select(edge => edge.Target) : [];
        return _further is null ? own : own.Concat(_further.TargetsOf(name));
    }
}
