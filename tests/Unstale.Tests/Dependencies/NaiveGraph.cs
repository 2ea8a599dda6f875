using Unstale.Log;

namespace Unstale.Tests.Dependencies;

/// <summary>Reference model of declared dependencies: pairs, searched until no new one is found.</summary>
internal sealed class NaiveGraph
{
    private readonly HashSet<(string Key, string On)> _pairs = [];
    private readonly Dictionary<string, string[]> _learnt = [];

    public void Add(string key, string[] on) => _pairs.UnionWith(on.Select(name => (key, name)));

    public bool Remove(string key, string[] on)
    {
        var gone = _pairs.RemoveWhere(pair => pair.Key == key && (on.Length == 0 || on.Contains(pair.On)));
        foreach (var name in _learnt.Keys.Where(name => !_pairs.Any(pair => pair.On == name)).ToList())
            _learnt.Remove(name);
        return gone > 0;
    }

    public void Kept(string key, string[] tags)
    {
        if (_pairs.Any(pair => pair.On == key))
            _learnt[key] = tags;
    }

    public IEnumerable<string> Expand(InvalidationTarget[] targets)
    {
        var named = targets.Where(target => target.Kind == TargetKind.Key).Select(target => target.Text).ToHashSet();
        var taken = new HashSet<string>(named);
        if (targets.Any(target => target.Kind == TargetKind.Everything))
            return [];
        while (_pairs.FirstOrDefault(pair => !taken.Contains(pair.Key) && IsUntrue(pair.On)) is { Key: { } key })
            taken.Add(key);
        return taken.Except(named);

        bool IsUntrue(string name) => KeyIsTaken(name) || TagIsTaken(name) || (_learnt.TryGetValue(name, out var tags) && tags.Any(CarriedIsTaken));
        bool KeyIsTaken(string key) => taken.Contains(key) || targets.Any(target => target.Pattern?.IsMatch(key) == true);
        bool TagIsTaken(string tag) => targets.Any(target => (target.Kind == TargetKind.Tag && target.Text == tag) || target.Tags.Contains(tag));
        bool CarriedIsTaken(string tag) => tag[0] == '\0' ? KeyIsTaken(tag[1..]) : TagIsTaken(tag);
    }

    public IEnumerable<string> NamesOf(string key)
    {
        var bases = new HashSet<string>();
        while (_pairs.FirstOrDefault(pair => (pair.Key == key || bases.Contains(pair.Key)) && !bases.Contains(pair.On)) is { On: { } found })
            bases.Add(found);
        var marks = bases.Where(name => name != key).Select(name => "\0\0" + name);
        return bases.Concat(marks).Concat(bases.SelectMany(name => _learnt.GetValueOrDefault(name, []))).Distinct();
    }
}
