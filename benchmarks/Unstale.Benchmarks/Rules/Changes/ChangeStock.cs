using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Benchmarks.Measuring;
using Unstale.Rules;

namespace Unstale.Benchmarks.Rules.Changes;

/// <summary>Cache with a number of rules, three of which are about products.</summary>
internal sealed class ChangeStock : IDisposable
{
    public const int Matching = 3;

    private readonly ServiceProvider _services;
    private readonly IInvalidator _invalidator;
    private readonly Change[] _changes;

    public ChangeStock(int rules, int changes)
        : this(rules, changes, set => Declare(set, rules))
    {
    }

    /// <param name="rules">Number of rules.</param>
    /// <param name="changes">Number of changes to raise.</param>
    /// <param name="declare">Declares the rules.</param>
    public ChangeStock(int rules, int changes, Action<RuleSetBuilder> declare)
    {
        Rules = rules;
        _services = new ServiceCollection().AddUnstale().AddRules(declare).Services.BuildServiceProvider();
        _invalidator = _services.GetRequiredService<IInvalidator>();
        _changes = [.. Enumerable.Range(0, changes).Select(id => new Change("product", id.ToString(CultureInfo.InvariantCulture)))];
    }

    public int Rules { get; }

    public RuleSet Set => _services.GetRequiredService<InvalidationRules>().Current;

    public IReadOnlyList<Change> Changes => _changes;

    public void Raise(int count, int thread)
    {
        for (var i = 0; i < count; i++)
            _invalidator.ChangedAsync(_changes[i]).Wait();
    }

    /// <summary>Evaluates the rules for each change without raising it.</summary>
    public void Evaluate(int count, int thread)
    {
        var set = Set;
        for (var i = 0; i < count; i++)
        {
            if (set.Evaluate(_changes[i]).Runs.Length != Matching)
                throw new InvalidOperationException("Other rules ran than the three about products.");
        }
    }

    public void Dispose() => _services.DisposeAsync().Wait();

    /// <summary>Declares the rules, with the matching ones in the middle.</summary>
    private static void Declare(RuleSetBuilder set, int rules)
    {
        for (var i = 0; i < rules; i++)
        {
            var at = i - (rules / 2);
            var trigger = at is >= 0 and < Matching ? "product" : string.Create(CultureInfo.InvariantCulture, $"resource {i}");
            set.When(trigger).Named(string.Create(CultureInfo.InvariantCulture, $"rule {i}")).Priority(i % 100).Invalidate(string.Create(CultureInfo.InvariantCulture, $"tag {i}"));
        }
    }
}
