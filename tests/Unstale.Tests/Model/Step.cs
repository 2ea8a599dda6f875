using FsCheck;
using FsCheck.Fluent;

namespace Unstale.Tests.Model;

/// <summary>Lifetimes of an entry in seconds, null if not set. The last is set by the factory at its end.</summary>
internal sealed record Life(int? Expiration, int? FreshFor, int? Late)
{
    public UnstaleEntryOptions Options => new() { Expiration = Seconds(Expiration), FreshFor = Seconds(FreshFor) };

    public TimeSpan? LateExpiration => Seconds(Late);

    private static TimeSpan? Seconds(int? seconds) => seconds is { } s ? TimeSpan.FromSeconds(s) : null;
}

/// <summary>One operation on the cache and on its model.</summary>
internal abstract record Step
{
    private static readonly Names Names = Names.Default;

    private static readonly Life[] Lives =
    [
        new(null, null, null), new(5, null, null), new(5, 1, null), new(5, 30, null), new(60, 4, null),
        new(null, null, 10), new(60, 4, 10), new(60, 4, 2),
    ];

    public static Gen<Step> Any { get; } = Gen.Frequency(
        (10, from key in Gen.Elements(Names.Keys)
             from tags in Gen.SubListOf(Names.Tags)
             from late in Gen.SubListOf(Names.Tags)
             from life in Gen.Elements(Lives)
             from raced in Raced
             from deep in Gen.Elements(0, 0, 0, 1, 2)
             from order in Gen.Shuffle(Names.Keys)
             from inner in Inner([.. order.Where(k => k != key)], deep)
             select (Step)new Get(key, [.. tags], [.. late], life, raced) { Inner = inner }),
        (2, from key in Gen.Elements(Names.Keys)
            from tags in Gen.SubListOf(Names.Tags)
            from life in Gen.Elements(Lives)
            select (Step)new Set(key, [.. tags], life)),
        (3, from several in Gen.NonEmptyListOf(Gen.Elements(Names.Targets)) select (Step)new Remove([.. several.Distinct().Take(3)])),
        (3, from milliseconds in Gen.Elements(1, 99, 100, 999, 1000, 3999, 4001, 30_000, 60_000) select (Step)new Advance(milliseconds)),
        (1, Gen.Constant((Step)new Sweep())));

    private static Gen<Target?> Raced =>
        Gen.Frequency((4, Gen.Constant<Target?>(null)), (1, Gen.Elements(Names.Targets).Select(t => (Target?)t)));

    /// <summary>Generates the read inside a factory, with further reads inside: each of another key.</summary>
    private static Gen<Get?> Inner(string[] keys, int deep) => deep == 0
        ? Gen.Constant<Get?>(null)
        : from tags in Gen.SubListOf(Names.Tags)
          from life in Gen.Elements(Lives)
          from raced in Raced
          from inner in Inner(keys[1..], deep - 1)
          select (Get?)new Get(keys[0], [.. tags], [], life, raced) { Inner = inner };

    protected static string List(IEnumerable<string> names) => $"[{string.Join(' ', names)}]";
}

/// <param name="Key">The key.</param>
/// <param name="Tags">Tags passed to the call.</param>
/// <param name="LateTags">Tags added by the factory.</param>
/// <param name="Life">The options.</param>
/// <param name="Raced">Target invalidated while the factory runs.</param>
internal sealed record Get(string Key, string[] Tags, string[] LateTags, Life Life, Target? Raced) : Step
{
    /// <summary>Read inside the factory.</summary>
    public Get? Inner { get; init; }

    /// <summary>Copy without invalidations while factories run.</summary>
    public Get WithoutRaces => this with { Raced = null, Inner = Inner?.WithoutRaces };

    public override string ToString() => $"get {Key} {List(Tags)} late {List(LateTags)} {Life} raced by {Raced?.Name ?? "nothing"} from ({Inner?.ToString() ?? "the source"})";
}

internal sealed record Set(string Key, string[] Tags, Life Life) : Step
{
    public override string ToString() => $"set {Key} {List(Tags)} {Life}";
}

internal sealed record Remove(Target[] Targets) : Step
{
    public override string ToString() => $"remove {List(Targets.Select(t => t.Name))}";
}

internal sealed record Advance(int Milliseconds) : Step;

internal sealed record Sweep : Step;
