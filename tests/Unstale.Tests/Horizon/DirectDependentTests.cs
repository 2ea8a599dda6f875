using Unstale.Horizon;
using Unstale.Log;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Horizon;

/// <summary>Records that invalidate only the declared dependents named in them.</summary>
public sealed class DirectDependentTests
{
    private static readonly string Declared = DependencyTag.ForDeclaredKey("part");

    private readonly HorizonUnderTest _test = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_declared_dependent_stays_valid_before_and_after_the_acknowledgement_of_a_direct_invalidation(bool isHeldBefore)
    {
        var held = isHeldBefore ? _test.Keep("k", Declared) : null;
        var direct = Raise(RecordFlags.DirectDependents);
        held ??= _test.Keep("k", Declared);
        Assert.True(_test.View.IsValid(held));
        Assert.True(_test.Begin("k", Declared).MayAskRemote);
        Assert.False(_test.Begin("k", DependencyTag.ForKey("part")).MayAskRemote);
        Assert.True(_test.Acknowledge(direct, _test.Log(direct.Record)));
        Assert.True(_test.View.IsValid(held));
        Assert.True(_test.Begin("k", Declared).MayAskRemote);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_full_invalidation_beside_a_direct_one_stays_pending_until_its_own_acknowledgement(bool isHeldBefore)
    {
        var set = isHeldBefore ? _test.Horizon.Tags.Hold([Declared]) : null;
        var direct = Raise(RecordFlags.DirectDependents);
        var full = Raise(RecordFlags.None);
        set ??= _test.Horizon.Tags.Hold([Declared]);
        Assert.False(_test.Begin("k", Declared).MayAskRemote);
        Assert.True(_test.Acknowledge(direct, _test.Log(direct.Record)));
        Assert.False(_test.Begin("k", Declared).MayAskRemote);
        Assert.True(_test.Acknowledge(full, _test.Log(full.Record)));
        Assert.True(_test.Begin("k", Declared).MayAskRemote);
        _test.Horizon.Tags.Release(set);
    }

    [Fact]
    public void A_new_generation_resets_the_cells_of_declared_dependencies_to_its_position()
    {
        for (var i = 0; i < 3; i++)
            _test.Push(_test.Log(InvalidationTarget.ForKey("part")));
        var sets = new[] { Declared, DependencyTag.ForKey("part") }.Select(mark => _test.Horizon.Tags.Hold([mark])).ToList();
        _test.Push(_test.Log(InvalidationTarget.ForKey("part")));
        Assert.All(sets, set => Assert.Equal(4, set.Cells[0].Sequence));
        _test.StartNewGeneration();
        _test.Adopt();
        Assert.All(sets, set => Assert.Equal(0, set.Cells[0].Sequence));
    }

    private Operation Raise(RecordFlags flags)
    {
        var origin = new RecordOrigin("node", "tests");
        var record = new InvalidationRecord(1_000 + (long)flags, InvalidationTarget.ForKey("part"), origin, DateTimeOffset.UnixEpoch) { Flags = flags };
        var operation = new Operation(record, _test.Now);
        _test.Horizon.Raise(operation);
        return operation;
    }
}
