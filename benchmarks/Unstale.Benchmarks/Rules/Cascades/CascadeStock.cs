using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Benchmarks.Measuring;
using Unstale.Log;
using Unstale.Rules;

namespace Unstale.Benchmarks.Rules.Cascades;

/// <summary>
/// Keys that depend on keys, in unconnected groups. In each group the first key leads to all others, and most keys depend on four earlier ones. Plain
/// dictionaries hold the same edges.
/// </summary>
internal sealed class CascadeStock : IDisposable
{
    private const int KeysPerGroup = 2_503, OnEach = 4;

    private readonly ServiceProvider _services = new ServiceCollection().AddUnstale().Services.BuildServiceProvider();
    private readonly InvalidationRules _rules;
    private readonly IInvalidator _invalidator;
    private readonly Dictionary<string, List<string>> _dependents = new(StringComparer.Ordinal);
    private readonly string[] _first;
    private int _next;

    public CascadeStock(int groups)
    {
        _rules = _services.GetRequiredService<InvalidationRules>();
        _invalidator = _services.GetRequiredService<IInvalidator>();
        _first = [.. Enumerable.Range(0, groups).Select(group => Name(group, 0))];
        var random = new Random(1);
        for (var group = 0; group < groups; group++)
            AddGroup(group, random);
    }

    public int Edges => _rules.Dependencies.Count;

    /// <summary>Walks from the first keys of the next groups.</summary>
    public void Walk(int groups)
    {
        for (var i = 0; i < groups; i++)
            Check(_rules.Dependencies.Expand([new(InvalidationTarget.ForKey(Next()))]).Count + 1);
    }

    public void WalkBare(int groups)
    {
        for (var i = 0; i < groups; i++)
            Check(ReachedFrom(Next()));
    }

    public void Invalidate(int groups)
    {
        for (var i = 0; i < groups; i++)
            _invalidator.InvalidateWithDependentsAsync(Next()).Wait();
    }

    public void Dispose() => _services.DisposeAsync().Wait();

    private static string Name(int group, int number) => string.Create(CultureInfo.InvariantCulture, $"group:{group}:key:{number}");

    private static void Check(int reached)
    {
        if (reached != KeysPerGroup)
            throw new InvalidOperationException($"{reached} keys were reached of {KeysPerGroup}.");
    }

    private string Next() => _first[_next++ % _first.Length];

    private void AddGroup(int group, Random random)
    {
        string[] names = [.. Enumerable.Range(0, KeysPerGroup).Select(number => Name(group, number))];
        for (var key = 1; key < KeysPerGroup; key++)
        {
            var on = new HashSet<int> { key <= OnEach ? 0 : random.Next(key) };
            while (on.Count < Math.Min(OnEach, key))
                on.Add(random.Next(key));
            _rules.AddDependency(names[key], on.Select(number => names[number]));
            foreach (var number in on)
                Dependents(names[number]).Add(names[key]);
        }
    }

    private List<string> Dependents(string name)
    {
        if (!_dependents.TryGetValue(name, out var dependents))
            _dependents[name] = dependents = [];
        return dependents;
    }

    private int ReachedFrom(string key)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { key };
        var way = new Queue<string>();
        way.Enqueue(key);
        while (way.TryDequeue(out var at))
        {
            if (!_dependents.TryGetValue(at, out var dependents))
                continue;
            foreach (var dependent in dependents)
            {
                if (seen.Add(dependent))
                    way.Enqueue(dependent);
            }
        }

        return seen.Count;
    }
}
