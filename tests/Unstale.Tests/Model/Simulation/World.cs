global using BroadList = System.Collections.Immutable.ImmutableList<(long Sequence, Unstale.Log.InvalidationTarget Target)>;

using Unstale.Horizon;
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

    /// <summary>Fewer than the product's, so that strangers are found at once.</summary>
    public const int StripeBits = 12;

    public static readonly string[] Keys = ["a0", "a1", "b0", "d1"];

    /// <summary>The key that "d1" is made from.</summary>
    private const string Base = "a0";

    /// <summary>The key that old code reads without naming <see cref="NewTag"/>, while new code names it.</summary>
    public const string Changed = "b0";

    public const string NewTag = "T";

    /// <summary>Tags given with the call.</summary>
    public static string[] Declared(string key, bool isOld = false) => key == "a1" || isOld ? [] : ["T"];

    /// <summary>True if these are the tags of a value that old code has made.</summary>
    public static bool IsOld(string key, string[] tags) => key == Changed && !tags.Contains(NewTag);

    /// <summary>True unless the only reason why a record takes the key is the tag that old code does not name.</summary>
    public static bool ConcernsOld(in InvalidationTarget target) => target.Kind != TargetKind.Tag || target.Text != NewTag;

    /// <summary>Tags of the finished value: the factory names some at its end.</summary>
    public static string[] TagsOf(string key, bool isOld = false) => isOld ? ["L"] : key switch
    {
        "a0" => ["T"],
        "a1" => ["L"],
        "d1" => ["T", KeyMark.Of(Base)],
        _ => ["T", "L"],
    };

    /// <summary>Said without the product's own judgement, which is on trial.</summary>
    public static bool IsConcerned(in InvalidationTarget target, string key) =>
        target.Concerns(key, [.. TagsOf(key).Where(t => t[0] != '\0')]) || (key == "d1" && target.Concerns(Base, []));

    public static readonly InvalidationTarget[] Patterns =
    [
        InvalidationTarget.ForPattern(new GlobPattern("a*")), InvalidationTarget.ForPattern(new GlobPattern("*0")),
    ];

    /// <summary>Of these nothing is cached, but their marks have the places of others that are.</summary>
    public static readonly InvalidationTarget[] Strangers =
    [
        .. Keys.Select(key => InvalidationTarget.ForKey(StrangerOfKey(key))),
        .. new[] { "T", "L" }.Select(tag => InvalidationTarget.ForTag(StrangerOfTag(tag))),
    ];

    /// <summary>Another key, whose mark is taken for one of this key.</summary>
    public static string StrangerOfKey(string key, int stripeBits = StripeBits) => StrangerOf(key, stripeBits, static (s, k) => s.RaiseKey(k, 1), static (s, k) => s.OfKey(k));

    /// <summary>Another tag, whose mark is taken for one of this tag while nobody holds it.</summary>
    public static string StrangerOfTag(string tag, int stripeBits = StripeBits) => StrangerOf(tag, stripeBits, static (s, t) => s.RaiseTag(t, 1), static (s, t) => s.OfTag(t));

    private static string StrangerOf(string name, int stripeBits, Action<KeyStripes, string> raise, Func<KeyStripes, string, long> read)
    {
        var stripes = new KeyStripes(stripeBits);
        raise(stripes, name);
        return Enumerable.Range(0, int.MaxValue).Select(i => $"stranger{i}").First(stranger => read(stripes, stranger) == 1);
    }

    public static readonly InvalidationTarget[] Targets =
    [
        .. Keys.Concat(Keys).Select(InvalidationTarget.ForKey),
        InvalidationTarget.ForTag("T"), InvalidationTarget.ForTag("L"), InvalidationTarget.ForTag("L"),
        .. Patterns,
    ];
}
