global using SelectorCache = System.Collections.Immutable.ImmutableList<(long Sequence, Unstale.Log.InvalidationTarget Target)>;
using Unstale.Horizon;
using Unstale.Log;
using Unstale.Values;

namespace Unstale.Tests.Model.Simulation;

/// <summary>Keys, tags and targets of the simulation.</summary>
internal static class World
{
    public const long Bound = 150;

    /// <summary>Time without an acknowledgement after which an invalidation is reported as queued.</summary>
    public const long Deadline = 25;

    public const int SelectorListed = 2;
    public const int Nodes = 3;

    /// <summary>Fewer bits than in the product, so that strangers are found quickly.</summary>
    public const int StripeBits = 12;

    public static readonly string[] Keys = ["a0", "a1", "b0", "d1"];

    /// <summary>Key from which "d1" is derived.</summary>
    private const string Base = "a0";

    /// <summary>Key that old code reads without naming <see cref="NewTag"/>, and new code with it.</summary>
    public const string Changed = "b0";

    public const string NewTag = "T";

    /// <summary>Tags passed to the call.</summary>
    public static string[] Declared(string key, bool isOld = false) => key == "a1" || isOld ? [] : ["T"];

    /// <summary>True for the tags of a value made by old code.</summary>
    public static bool IsOld(string key, string[] tags) => key == Changed && !tags.Contains(NewTag);

    /// <summary>True unless a record concerns the key only through the tag that old code does not name.</summary>
    public static bool ConcernsOld(in InvalidationTarget target) => target.Kind != TargetKind.Tag || target.Text != NewTag;

    /// <summary>Tags of the finished value, including tags named by the factory at its end.</summary>
    public static string[] TagsOf(string key, bool isOld = false) => isOld ? ["L"] : key switch
    {
        "a0" => ["T"],
        "a1" => ["L"],
        "d1" => ["T", DependencyTag.ForKey(Base)],
        _ => ["T", "L"],
    };

    /// <summary>Independent of the product's judgement, which is under test.</summary>
    public static bool IsConcerned(in InvalidationTarget target, string key) =>
        target.Concerns(key, [.. TagsOf(key).Where(t => t[0] != '\0')]) || (key == "d1" && target.Concerns(Base, []));

    public static readonly InvalidationTarget[] Patterns =
    [
        InvalidationTarget.ForPattern(new GlobPattern("a*")), InvalidationTarget.ForPattern(new GlobPattern("*0")),
    ];

    /// <summary>Targets without cached values whose marks share the places of cached ones.</summary>
    public static readonly InvalidationTarget[] Strangers =
    [
        .. Keys.Select(key => InvalidationTarget.ForKey(StrangerOfKey(key))),
        .. new[] { "T", "L" }.Select(tag => InvalidationTarget.ForTag(StrangerOfTag(tag))),
    ];

    /// <summary>Returns another key whose mark looks like one of this key.</summary>
    public static string StrangerOfKey(string key, int stripeBits = StripeBits) => StrangerOf(key, stripeBits, static (s, k) => s.RaiseKey(k, 1), static (s, k) => s.ForKey(k));

    /// <summary>Returns another tag whose mark looks like one of this tag while no entry carries this tag.</summary>
    public static string StrangerOfTag(string tag, int stripeBits = StripeBits) => StrangerOf(tag, stripeBits, static (s, t) => s.RaiseTag(t, 1), static (s, t) => s.ForTag(t));

    private static string StrangerOf(string name, int stripeBits, Action<StripedSequences, string> raise, Func<StripedSequences, string, long> read)
    {
        var stripes = new StripedSequences(stripeBits);
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
