using Unstale.Horizon;
using Unstale.Log;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Horizon;

/// <summary>
/// A hit compares one number: the revision at which its entry was last found valid. Every mark must therefore raise the revision after the mark, and a
/// check must read the revision before the marks.
/// </summary>
public sealed class RevisionTests
{
    private const string Key = "k", Tag = "t", Source = "source";
    private readonly HorizonUnderTest _test = new();

    public static TheoryData<string> Kinds => ["tag", "glob", "all of", "everything", "key read", "key declared", "any record"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_verified_entry_is_invalid_once_a_record_that_concerns_the_entry_is_applied(string kind)
    {
        var held = Verified(NamesFor(kind));
        _test.Push(_test.Log(Target(kind)));
        Assert.False(_test.View.IsValid(held));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_verified_entry_is_invalid_once_an_invalidation_that_concerns_the_entry_is_pending(string kind)
    {
        var held = Verified(NamesFor(kind));
        _test.Raise(Target(kind));
        Assert.False(_test.View.IsValid(held));
    }

    [Fact]
    public void A_verified_entry_is_invalid_once_its_epoch_has_ended()
    {
        var held = Verified(Tag);
        _test.StartNewGeneration();
        _test.Adopt();
        Assert.False(_test.View.IsValid(held));
    }

    [Fact]
    public void A_verified_entry_is_invalid_once_a_part_of_the_log_was_missed()
    {
        var held = Verified(Tag);
        _test.LogTag("missed");
        _test.Tail();
        Assert.False(_test.View.IsValid(held));
    }

    [Fact]
    public void A_check_between_two_targets_of_one_record_does_not_hide_the_second_target()
    {
        var held = Verified(Tag);
        var looks = LooksDuringDrop(held);
        _test.Push(_test.Log(InvalidationTarget.ForKey("first"), InvalidationTarget.ForTag(Tag)));
        Assert.Equal([true], looks);
        Assert.False(_test.View.IsValid(held));
    }

    [Fact]
    public void A_check_between_two_targets_that_become_pending_does_not_hide_the_second_target()
    {
        var held = Verified(Tag);
        var looks = LooksDuringDrop(held);
        _test.Raise(InvalidationTarget.ForKey("first"), InvalidationTarget.ForTag(Tag));
        Assert.Equal([true], looks);
        Assert.False(_test.View.IsValid(held));
    }

    [Fact]
    public void A_record_applied_during_a_check_is_not_hidden_by_the_check()
    {
        // A selector that the entry has not met makes the check read the names of the entry, after the marks.
        _test.Push(_test.Log(InvalidationTarget.ForPattern(new GlobPattern("other*"))));
        var tags = new PushingTags(() => _test.Push(_test.Log(InvalidationTarget.Everything)));
        var held = new Held(Key, tags, _test.Horizon.Position.Sequence, _test.View.Epoch, selectorSeen: 0);
        Assert.True(_test.View.IsValid(held));
        Assert.True(tags.HasPushed);
        Assert.False(_test.View.IsValid(held));
    }

    [Fact]
    public void An_entry_is_verified_again_only_after_a_change_of_the_revision()
    {
        var held = Verified(Tag);
        Assert.Equal(_test.View.Revision, held.VerifiedAt);
        _test.PushTag("another");
        Assert.NotEqual(_test.View.Revision, held.VerifiedAt);
        Assert.True(_test.View.IsValid(held));
        Assert.Equal(_test.View.Revision, held.VerifiedAt);
    }

    [Fact]
    public void An_invalid_entry_is_not_remembered_as_verified()
    {
        var held = Verified(Tag);
        _test.PushTag(Tag);
        Assert.False(_test.View.IsValid(held));
        Assert.False(_test.View.IsValid(held));
        Assert.NotEqual(_test.View.Revision, held.VerifiedAt);
    }

    [Fact]
    public void Records_of_keys_do_not_change_the_revision_until_an_entry_has_a_dependency_tag()
    {
        var test = new HorizonUnderTest();
        var held = test.Keep(Key, Tag);
        Assert.True(test.View.IsValid(held));
        test.Push(test.Log(InvalidationTarget.ForKey("another")));
        test.Invalidate(InvalidationTarget.ForKey("another"));
        Assert.Equal(test.View.Revision, held.VerifiedAt);
        test.Horizon.Tags.Release(test.Keep("made", DependencyTag.ForKey("another")).Tags);
        test.Push(test.Log(InvalidationTarget.ForKey("another")));
        Assert.NotEqual(test.View.Revision, held.VerifiedAt);
    }

    [Theory]
    [InlineData(Tag)]
    [InlineData("\0source")]
    public void A_removed_entry_is_invalid_for_its_readers_after_a_later_record(string name)
    {
        var held = _test.Keep(Key, name);
        Assert.True(_test.View.IsValid(held));
        _test.Horizon.Tags.Release(held.Tags);
        _test.Push(_test.Log(name == Tag ? InvalidationTarget.ForTag(Tag) : InvalidationTarget.ForKey(Source)));
        Assert.False(_test.View.IsValid(held));
    }

    /// <summary>Returns an entry that was found valid.</summary>
    private Held Verified(params string[] names)
    {
        var held = _test.Keep(Key, names);
        Assert.True(_test.View.IsValid(held));
        return held;
    }

    private List<bool> LooksDuringDrop(Held held)
    {
        var looks = new List<bool>();
        _test.OnDrop = _ => looks.Add(_test.View.IsValid(held));
        return looks;
    }

    private static string[] NamesFor(string kind) => kind switch
    {
        "tag" => [Tag],
        "all of" => [Tag, "u"],
        "key read" => [DependencyTag.ForKey(Source)],
        "key declared" => [DependencyTag.ForDeclaredKey(Source)],
        "any record" => [DependencyTag.AnyRecord],
        _ => [],
    };

    private static InvalidationTarget Target(string kind) => kind switch
    {
        "glob" => InvalidationTarget.ForPattern(new GlobPattern("k*")),
        "all of" => InvalidationTarget.ForAllOf([Tag, "u"]),
        "everything" => InvalidationTarget.Everything,
        "key read" or "key declared" => InvalidationTarget.ForKey(Source),
        "any record" => InvalidationTarget.ForKey("another"),
        _ => InvalidationTarget.ForTag(Tag),
    };

    /// <summary>Tags whose first reading applies a record.</summary>
    private sealed class PushingTags(Action push) : TagSet
    {
        public bool HasPushed { get; private set; }

        public override long Size => 0;

        public override ReadOnlySpan<string> Names
        {
            get
            {
                if (!HasPushed)
                {
                    HasPushed = true;
                    push();
                }

                return [];
            }
        }

        public override string[] Tags => [];
    }
}
