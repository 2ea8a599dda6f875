using FsCheck;
using FsCheck.Fluent;
using Unstale.Log;

namespace Unstale.Tests.Dependencies;

/// <summary>One change of the declared dependencies.</summary>
internal abstract record GraphHistory
{
    private static readonly string[] Tags = ["t", "u", "k1", "k2"];

    public static string[] Keys { get; } = ["k1", "k2", "k3", "k4", "k5"];

    private static readonly InvalidationTarget[] Targets =
    [
        .. Keys.Select(InvalidationTarget.ForKey), .. Tags.Select(InvalidationTarget.ForTag),
        InvalidationTarget.ForPattern(new GlobPattern("k[12]")), InvalidationTarget.ForPattern(new RegexPattern("k3")),
        InvalidationTarget.ForAllOf(["t", "u"]), InvalidationTarget.Everything,
    ];

    public static Gen<GraphHistory> Any { get; } = Gen.Frequency(
        (4, from key in Gen.Elements(Keys)
            from names in Gen.NonEmptyListOf(Gen.Elements([.. Keys, "t"]))
            select (GraphHistory)new Depends(key, [.. names.Take(2)])),
        (2, from key in Gen.Elements(Keys)
            from names in Gen.SubListOf(Keys)
            select (GraphHistory)new DependsNoMore(key, [.. names.Take(2)])),
        (3, from key in Gen.Elements(Keys)
            from tags in Gen.SubListOf([.. Tags, "\0k3", "\0k4"])
            select (GraphHistory)new Kept(key, [.. tags])),
        (4, Gen.NonEmptyListOf(Gen.Elements(Targets)).Select(targets => (GraphHistory)new Taken([.. targets.Take(2)]))),
        (2, Gen.Elements(Keys).Select(key => (GraphHistory)new Loaded(key))));

    protected static string List<T>(IEnumerable<T> names) => string.Join(' ', names).Replace('\0', '@');
}

internal sealed record Depends(string Key, string[] On) : GraphHistory
{
    public override string ToString() => $"{Key} depends on {List(On)}";
}

internal sealed record DependsNoMore(string Key, string[] On) : GraphHistory
{
    public override string ToString() => $"{Key} depends no more on {List(On)}";
}

internal sealed record Kept(string Key, string[] Tags) : GraphHistory
{
    public override string ToString() => $"{Key} kept with {List(Tags)}";
}

internal sealed record Taken(InvalidationTarget[] Targets) : GraphHistory
{
    public override string ToString() => $"take {List(Targets)}";
}

internal sealed record Loaded(string Key) : GraphHistory;
