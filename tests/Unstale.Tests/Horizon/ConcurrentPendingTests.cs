using Unstale.Horizon;
using Unstale.Log;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Horizon;

/// <summary>Each of several pending invalidations of one target is in force until its own acknowledgement.</summary>
public sealed class ConcurrentPendingTests
{
    private readonly HorizonUnderTest _test = new();

    public static TheoryData<string> Kinds => [.. Targets.Keys];

    private static Dictionary<string, InvalidationTarget> Targets { get; } = new(StringComparer.Ordinal)
    {
        ["key"] = InvalidationTarget.ForKey("k"),
        ["tag"] = InvalidationTarget.ForTag("t"),
        ["the key that the value was made from"] = InvalidationTarget.ForKey("part"),
        ["glob"] = InvalidationTarget.ForPattern(new GlobPattern("k*")),
        ["regex"] = InvalidationTarget.ForPattern(new RegexPattern("^k")),
        ["all of its tags"] = InvalidationTarget.ForAllOf(["t", "u"]),
        ["everything"] = InvalidationTarget.Everything,
    };

    private static string[] Tags => ["t", "u", DependencyTag.ForKey("part")];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void No_value_is_stored_until_the_last_of_three_invalidations_is_acknowledged(string kind)
    {
        var held = _test.Keep("k", Tags);
        var raised = Enumerable.Range(0, 3).Select(_ => _test.Raise(Targets[kind])).ToList();
        var isDropped = kind == "key";
        foreach (var operation in raised)
        {
            Assert.True(isDropped || !_test.View.IsValid(held));
            AssertPending(isPending: true);
            Assert.True(_test.Acknowledge(operation, _test.Log(operation.Record)));
        }

        Assert.True(isDropped || !_test.View.IsValid(held));
        AssertPending(isPending: false);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void No_value_is_stored_if_its_tags_are_first_held_during_three_pending_invalidations(string kind)
    {
        var raised = Enumerable.Range(0, 3).Select(_ => _test.Raise(Targets[kind])).ToList();
        var set = _test.Horizon.Tags.Hold(Tags);
        foreach (var operation in raised)
        {
            AssertPending(isPending: true);
            Assert.True(_test.Acknowledge(operation, _test.Log(operation.Record)));
        }

        AssertPending(isPending: false);
        _test.Horizon.Tags.Release(set);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void No_value_is_stored_if_a_tail_brings_two_of_three_pending_records_before_their_acknowledgement(string kind)
    {
        var raised = Enumerable.Range(0, 3).Select(_ => _test.Raise(Targets[kind])).ToList();
        var logged = raised.ConvertAll(operation => _test.Log(operation.Record));
        var snapshot = _test.Horizon.Snapshot(_test.Now);
        _test.Tail([.. logged]);
        for (var i = 0; i < raised.Count; i++)
        {
            AssertPending(isPending: true);
            Assert.True(_test.Acknowledge(raised[i], logged[i], snapshot));
        }

        AssertPending(isPending: false);
    }

    private void AssertPending(bool isPending)
    {
        var load = _test.Begin("k", Tags);
        Assert.Equal(!isPending, load.MayAskRemote);
        Assert.Equal(!isPending, _test.MayStore(load, "k", Tags));
        Assert.Equal(isPending ? RemoteValidity.Invalid : RemoteValidity.Valid, _test.Judge(load, "k", load.Stamp, _test.Horizon.Snapshot(_test.Now).Seen, tags: Tags));
    }
}
