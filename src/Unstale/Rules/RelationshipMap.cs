using System.Collections.Concurrent;

namespace Unstale.Rules;

/// <summary>A type that a change spreads to.</summary>
/// <param name="Name">The type.</param>
/// <param name="Chain">How it is reached: <c>user -> session -> navigation</c>.</param>
/// <param name="Level">How many relationships that took.</param>
internal readonly record struct RelatedName(string Name, string Chain, int Level);

/// <summary>Which types a change of one spreads to. The relationship from which the walk starts decides how deep it goes.</summary>
internal sealed class RelationshipMap
{
    private static readonly RelatedName[] None = [];

    private readonly Dictionary<string, List<(string Target, int Relationship)>> _starts = new(StringComparer.Ordinal);
    private readonly List<int> _depths = [];
    private readonly RelationshipMap? _further;

    // No bound but the number of sources: a type from which nothing starts is not kept.
    private readonly ConcurrentDictionary<string, RelatedName[]> _walked = new(StringComparer.Ordinal);

    /// <param name="relationships">Those from which a walk may start.</param>
    /// <param name="further">Others that a walk may go on with.</param>
    public RelationshipMap(IEnumerable<DataRelationship> relationships, RelationshipMap? further = null)
    {
        _further = further;
        foreach (var relationship in relationships)
            Add(relationship);
    }

    /// <summary>Every type that a change of this one spreads to, each once, without itself; nearest first.</summary>
    public RelatedName[] Of(string source) => _starts.ContainsKey(source) ? _walked.GetOrAdd(source, Walk) : None;

    /// <summary>True if a change of another type may spread to this one.</summary>
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
