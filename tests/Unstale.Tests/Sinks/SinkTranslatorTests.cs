using Unstale.Log;
using Unstale.Sinks;
using Xunit;
using static Unstale.Sinks.SinkCapabilities;

namespace Unstale.Tests.Sinks;

/// <summary>Invalidations that a sink does not support are replaced by the next broader kind.</summary>
public sealed class SinkTranslatorTests
{
    public static TheoryData<string, SinkCapabilities, string, int, int> Table => new()
    {
        { "key", All, "key k", 0, 0 },
        { "key", Tags | Prefixes | Patterns | Everything, "prefix k", 1, 0 },
        { "key", Tags | Patterns | Everything, "everything", 1, 0 },
        { "key", Tags, "", 0, 1 },
        { "tag", All, "tag t", 0, 0 },
        { "tag", Keys | Prefixes | Patterns | AllOf | Everything, "everything", 1, 0 },
        { "tag", Keys | Prefixes | Patterns | AllOf, "", 0, 1 },
        { "glob", All, "pattern k:[ab]*", 0, 0 },
        { "glob", Keys | Tags | Prefixes | Everything, "prefix k:", 1, 0 },
        { "glob", Keys | Tags | Everything, "everything", 1, 0 },
        { "glob", Keys | Tags, "", 0, 1 },
        { "open glob", Keys | Prefixes | Everything, "everything", 1, 0 },
        { "open glob", Keys | Prefixes, "", 0, 1 },
        { "regex", All, "pattern k:[0-9]+", 0, 0 },
        { "regex", Keys | Prefixes | Everything, "everything", 1, 0 },
        { "regex", Keys | Prefixes, "", 0, 1 },
        { "all of", All, "all of t+u", 0, 0 },
        { "all of", Keys | Tags | Everything, "tag t", 1, 0 },
        { "all of", Keys | Everything, "everything", 1, 0 },
        { "all of", Keys, "", 0, 1 },
        { "everything", All, "everything", 0, 0 },
        { "everything", Keys | Tags | Prefixes | Patterns | AllOf, "", 0, 1 },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void A_single_target_is_translated_to_the_narrowest_supported_kind(string what, SinkCapabilities capabilities, string expected, int widened, int missed)
    {
        var words = new SinkTranslator(capabilities);

        var reported = words.Translate(default, Record(Target(what)));

        Assert.Equal(expected, reported is null ? "" : RecordingSink.Say(reported));
        Assert.Equal((widened, missed), (words.Widened, words.Missed));
    }

    [Fact]
    public void All_supported_targets_of_a_record_are_passed_to_the_sink_in_one_call() =>
        Assert.Equal("key k, tag t, pattern k:[ab]*, all of t+u", Say(All, "key", "tag", "glob", "all of"));

    [Fact]
    public void A_target_widened_to_everything_replaces_all_other_targets() =>
        Assert.Equal("everything", Say(Keys | Everything, "key", "tag", "key"));

    [Fact]
    public void Targets_that_a_sink_does_not_support_do_not_hide_the_supported_ones() =>
        Assert.Equal("key k, key k", Say(Keys, "key", "tag", "key", "everything"));

    private static string Say(SinkCapabilities capabilities, params string[] targets) =>
        RecordingSink.Say(new SinkTranslator(capabilities).Translate(default, Record([.. targets.Select(Target)]))!);

    private static InvalidationRecord Record(params InvalidationTarget[] targets) =>
        new(1, targets, new RecordOrigin("node", "service"), DateTimeOffset.UnixEpoch);

    private static InvalidationTarget Target(string what) => what switch
    {
        "key" => InvalidationTarget.ForKey("k"),
        "tag" => InvalidationTarget.ForTag("t"),
        "glob" => InvalidationTarget.ForPattern(new GlobPattern("k:[ab]*")),
        "open glob" => InvalidationTarget.ForPattern(new GlobPattern("*k")),
        "regex" => InvalidationTarget.ForPattern(new RegexPattern("k:[0-9]+")),
        "all of" => InvalidationTarget.ForAllOf(["u", "t"]),
        _ => InvalidationTarget.Everything,
    };
}
