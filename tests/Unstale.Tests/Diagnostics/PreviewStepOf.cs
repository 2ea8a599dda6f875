using FsCheck;
using FsCheck.Fluent;
using Unstale.Rules;

namespace Unstale.Tests.Diagnostics;

/// <summary>A step of a history: an entry, a rule, a dependency, or a change that is previewed and then raised.</summary>
internal sealed record PreviewStepOf(string Kind, int A, int B, int C)
{
    private static readonly string[] Names = ["n0", "n1", "n2", "n3", "n4", "n5"];

    public static Gen<PreviewStepOf> Any { get; } =
        from kind in Gen.Frequency((8, Gen.Constant("entry")), (2, Gen.Constant("made from")), (2, Gen.Constant("rule")), (1, Gen.Constant("dependency")), (3, Gen.Constant("change")))
        from a in Gen.Choose(0, 5)
        from b in Gen.Choose(0, 5)
        from c in Gen.Choose(0, 9)
        select new PreviewStepOf(kind, a, b, c);

    public Change? Change => Kind == "change"
        ? new(Names[A], C < 3 ? null : $"{B}") { Scope = C > 7 ? ChangeScope.Entity : ChangeScope.Resource }
        : null;

    public async Task DoAsync(CacheUnderTest test)
    {
        var rules = test.Cache.Rules;
        switch (Kind)
        {
            case "entry":
                await LoadAsync(test, $"k:{Names[A]}:{C}", Names[B], $"{Names[A]}:{B}");
                break;
            case "made from":
                await test.Cache.GetOrCreateAsync($"m:{C}", async _ => await LoadAsync(test, $"k:{Names[A]}:{B}", Names[B]));
                break;
            case "rule" when rules.Rules.All(rule => rule.Name != $"{A}{C}"):
                rules.Add(Rule());
                break;
            case "dependency":
                rules.AddDependency($"k:{Names[A]}:{C}", C < 5 ? Names[B] : $"k:{Names[B]}:{C - 5}");
                break;
        }
    }

    private InvalidationRule Rule()
    {
        var rule = RuleBuilder.When(Names[A]).Named($"{A}{C}").Priority(C).Strategy((InvalidationStrategy)(C % 4)).Invalidate(Names[B]);
        return (C switch
        {
            < 3 => rule.InvalidateKeys($"k:{Names[B]}:{{id}}"),
            < 6 => rule.InvalidateGlobs($"k:{Names[B]}:*"),
            _ => rule.Relates(Names[A], [Names[B], Names[C % 6]], depth: 2),
        }).Build();
    }

    private static ValueTask<string> LoadAsync(CacheUnderTest test, string key, params string[] tags) =>
        test.Cache.GetOrCreateAsync(key, static _ => new ValueTask<string>("v"), tags: tags);
}
