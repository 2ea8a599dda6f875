global using BroadList = System.Collections.Immutable.ImmutableList<(long Sequence, Unstale.Log.InvalidationTarget Target)>;

using Unstale.Log;

namespace Unstale.Tests.Model.Simulation;

/// <summary>What there is to cache and to invalidate.</summary>
internal static class World
{
    public const long Bound = 150;

    /// <summary>An invalidation that is not acknowledged by then is reported as queued.</summary>
    public const long Deadline = 25;

    public const int BroadListed = 2;
    public const int Nodes = 3;

    public static readonly string[] Keys = ["a0", "a1", "b0"];

    /// <summary>Tags given with the call.</summary>
    public static string[] Declared(string key) => key == "a1" ? [] : ["T"];

    /// <summary>Tags of the finished value: the factory names some at its end.</summary>
    public static string[] TagsOf(string key) => key switch
    {
        "a0" => ["T"],
        "a1" => ["L"],
        _ => ["T", "L"],
    };

    public static readonly InvalidationTarget[] Patterns =
    [
        InvalidationTarget.ForPattern(new GlobPattern("a*")), InvalidationTarget.ForPattern(new GlobPattern("*0")),
    ];

    public static readonly InvalidationTarget[] Targets =
    [
        .. Keys.Concat(Keys).Select(InvalidationTarget.ForKey),
        InvalidationTarget.ForTag("T"), InvalidationTarget.ForTag("L"), InvalidationTarget.ForTag("L"),
        .. Patterns,
    ];
}
