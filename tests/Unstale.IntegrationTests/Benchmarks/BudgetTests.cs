using System.Text.RegularExpressions;
using Unstale.Benchmarks;
using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Redis.Peers;
using Xunit;

namespace Unstale.IntegrationTests.Benchmarks;

/// <summary>Measurement and output of the budgets. Whether a budget is met can only be decided on a quiet machine.</summary>
public sealed class BudgetTests
{
    private static readonly string[] Budgeted =
    [
        .. HitLines("hot 100, 0 tags", "string", "span"),
        .. HitLines("hot 100, 1 tags", "string", "span"),
        .. HitLines("hot 100, 3 tags", "string", "span"),
        .. HitLines("hot 100, 10 tags", "string", "span"),
        "hit on UnstaleCache, hot 100, 0 tags, string key, 1 thread",
        "hit on UnstaleCache, hot 100, 3 tags, string key, 1 thread",
        .. HitLines("Zipf 0.99 over 2,000, 3 tags", "string"),
        .. new[] { 0, 1, 3, 10 }.SelectMany(tags => new[] { $"bytes per hit, {tags} tags, string key", $"bytes per hit, {tags} tags, span key" }),
        "invalidate a tag, 100 entries",
        "invalidate a tag, 1,000 entries",
        "invalidate a tag, 5,000 entries",
        "invalidate a tag, 5,000 entries beside 100",
        "entries left of 6,000 after an invalidated tag was swept, unread",
        "pattern, mark, 100 keys",
        "pattern, mark, 5,000 keys",
        "pattern, mark, 5,000 keys beside 100",
        "pattern, sweep, processor time, 5,000 keys",
        "insert by a load, 2,000 new keys, 3 tags",
        .. new[] { "growing", "full and all read" }.Select(state => $"insert, under the lock, 5,000 entries, {state}, p99.9"),
        "retained per entry, 1,000 entries, 3 shared tags",
        "retained per entry, 5,000 entries, 3 shared tags",
        "cold key, 1,000 callers",
        "cold key, 1,000 callers, factory calls",
    ];

    private static readonly string[] Compared =
    [
        .. HitLines("uniform over 2,000, 3 tags", "string"),
        "processor time of that sweep, 5,000 entries",
        "pattern, sweep, processor time, 100 keys",
        "insert by SetAsync, 2,000 new keys, 3 tags",
        "retained per entry, 5,000 entries, 1 tag of its own",
    ];

    private static readonly string[] OverRedis =
    [
        .. new[] { "idle", "under 5,000/s" }.SelectMany(load => new[] { "p50", "p99", "max" }.Select(what => $"called to gone on another node, {load}, {what}")),
        .. new[] { "1 waiting caller", "64 waiting callers" }.SelectMany(callers => new[] { $"invalidate a key, {callers}", $"invalidate a tag, {callers}" }),
        "keys invalidated in batches of 100, 8 waiting callers",
        .. new[] { "a key", "a tag" }.SelectMany(kind => new[] { "alone, server time", "100 waiting callers, server time of a record", "100 waiting callers, records in one call" }.Select(what => $"append of {kind}{(what[0] == 'a' ? " " : ", ")}{what}")),
        .. new[] { "1 caller", "50 callers" }.SelectMany(callers => new[] { $"value in Redis, 400 bytes, 3 tags, {callers}", $"value in Redis, {callers}, bytes allocated beyond the value", $"value in Redis, {callers}, server time" }),
        "miss with lease, load and fill, round trips",
        .. new[] { "100", "1,000" }.SelectMany(size => new[] { $"pattern, mark, {size} keys in Redis", $"pattern, until swept, {size} keys in Redis", $"pattern, other values meanwhile, {size} keys, p99" }),
    ];

    private static readonly string[] BesideAll =
    [
        .. new[] { "1 caller", "50 callers" }.SelectMany(callers => new[] { $"value in Redis, 400 bytes, 3 tags, {callers}", $"value in Redis, {callers}, bytes allocated" }),
        .. Waiting("1 waiting caller", "64 waiting callers"),
        "keys invalidated in batches of 100, 8 waiting callers",
    ];

    private static readonly string[] BesideFusionCache =
    [
        .. new[] { "idle", "under 5,000/s" }.SelectMany(load => new[] { "p50", "p99" }.Select(what => $"called to gone on another node, {load}, {what}")),
        .. Waiting("1 waiting caller", "64 waiting callers").Select(name => $"{name}, FusionCache awaiting its backplane"),
    ];

    private static readonly string[] OverTheChannel =
    [
        "message, write",
        "message, read",
        "message, write and read",
        "message, write, bytes allocated",
        "message, read, bytes allocated",
        "messages through one subscriber",
        "published to callback, p50",
        "published to callback, p99",
    ];

    private static readonly string[] OverPostgreSql =
    [
        "invalidate a key, PostgreSQL, 1 waiting caller",
        "invalidate a key, PostgreSQL, 64 waiting callers",
        "called to gone on another node, PostgreSQL, idle, p50",
        "called to gone on another node, PostgreSQL, idle, p99",
    ];

    private static readonly string[] OfCommits =
    [
        .. from name in new[] { "SaveChanges, log in Redis", "SaveChanges, log in PostgreSQL", "captured, log in Redis", "captured, log in PostgreSQL" }
           from figure in new[] { "p50", "p99", "max", "writes" }
           select $"commit to gone on another node, {name}, {figure}",
    ];

    private static readonly string[] OfEviction =
    [
        .. new[] { "0.7", "0.8", "0.9", "1.0", "1.1" }.Select(exponent => $"Zipf {exponent} over 100,000 keys, 1,000 entries"),
        "Zipf 0.9 with scans of 1,000 keys, 1,000 entries",
        "Zipf 1.0, other hot keys each 20,000 reads, 1,000 entries",
        "loop over 1,100 keys, 1,000 entries",
    ];

    private static readonly string[] OfRules =
    [
        "change that 3 of 10 rules are about",
        "change that 3 of 100 rules are about",
        "change that 3 of 1,000 rules are about",
        "change, 1,000 rules beside 10",
        "change without rules, bytes allocated",
        "change with a rule and two relationships, bytes allocated",
        "rules evaluated a second, one thread",
        "change with 3 rules evaluated, bytes allocated",
        "cascade, an edge reached of 20,004",
        "cascade of 2,503 keys raised, an edge reached of 20,004",
        "fill that reads 3 held entries, recorded (bare: not)",
        "fill that reads 3 held entries, recorded (bare: not), bytes",
    ];

    private static readonly Lazy<(int Status, string[] Lines, string Errors)> Quick = new(() => Run("in-process", "--quick", "--strict"));

    [Fact]
    public void Each_budget_in_process_is_printed_in_a_line_that_ends_in_ok_or_miss()
    {
        var lines = Quick.Value.Lines;

        Assert.Matches(@"^\d+ cores · \.NET 10\.", lines[0]);
        Assert.All(Budgeted, name => Assert.Matches("  (ok|miss)$", PrintedLines.Named(name, lines)));
        Assert.All(Compared, name => Assert.EndsWith("  -", PrintedLines.Named(name, lines), StringComparison.Ordinal));
    }

    [Fact]
    public void Budgets_that_do_not_depend_on_the_machine_are_met_even_in_a_quick_run()
    {
        var lines = Quick.Value.Lines;

        string[] certain = [.. Budgeted.Where(name => name.StartsWith("entries left", StringComparison.Ordinal) || name.EndsWith("factory calls", StringComparison.Ordinal))];
        Assert.All(certain, name => Assert.EndsWith("  ok", PrintedLines.Named(name, lines), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("redis")]
    [InlineData("postgres")]
    [InlineData("channel")]
    [InlineData("commits")]
    [InlineData("rules")]
    public void Each_line_of_the_other_groups_is_printed(string group)
    {
        var (status, lines, _) = Run(group, "--quick");

        Assert.Equal(0, status);
        var names = group switch { "redis" => OverRedis, "postgres" => OverPostgreSql, "channel" => OverTheChannel, "commits" => OfCommits, _ => OfRules };
        Assert.All(names, name => Assert.Matches("  (ok|miss|-)$", PrintedLines.Named(name, lines)));
    }

    [Fact]
    public void Each_peer_line_has_a_figure_for_every_cache_that_supports_the_operation()
    {
        var (status, lines, _) = PrintedLines.Run(LineCommands.Peers, "redis", "--quick");

        Assert.Equal(0, status);
        Assert.All(BesideAll, name => Assert.Equal(3, Amounts(name, lines)));
        Assert.All(BesideFusionCache, name => Assert.Equal(2, Amounts(name, lines)));
        Assert.Contains(lines, line => line.StartsWith("  FusionCache: ", StringComparison.Ordinal) && line.Contains("; HybridCache: ", StringComparison.Ordinal));
    }

    [Fact]
    public void Each_hit_ratio_meets_its_goal_even_in_a_quick_run()
    {
        var (status, lines, _) = PrintedLines.Run(LineCommands.Peers, "eviction", "--quick");

        Assert.Equal(0, status);
        // One thread reads traces with fixed seeds, so the ratios do not depend on the machine.
        Assert.All(OfEviction, name => Assert.EndsWith("  ok", PrintedLines.Named(name, lines), StringComparison.Ordinal));
    }

    [Fact]
    public void The_peers_table_of_stale_reads_shows_none_for_Unstale_and_the_share_of_each_other_cache()
    {
        var (status, lines, _) = PrintedLines.Run(LineCommands.Peers, "stale");

        Assert.Equal(0, status);
        // Signals order the steps of a trial, so the shares do not depend on the machine. The README shows them.
        Assert.Equal(
            [
                "remove by key during a load, then a read during the load, stale 0 % 100.0 % 100.0 % -",
                "remove by key during a load, then a read after the load, stale 0 % 100.0 % 100.0 % -",
                "remove by tag during a load, then a read during the load, stale 0 % 0 % 100.0 % -",
                "remove by tag during a load, then a read after the load, stale 0 % 0 % 100.0 % -",
                "set during a load, then a read during the load, stale 0 % 0 % 0 % -",
                "set during a load, then a read after the load, stale 0 % 100.0 % 100.0 % -",
            ],
            lines.Where(static line => line.Contains(", stale  ", StringComparison.Ordinal)).Select(static line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
    }

    [Theory]
    [InlineData("/s", 130, 100, 99, true)]
    [InlineData("/s", 129, 100, 90, false)]
    [InlineData("/s", 130, 90, 101, false)]
    [InlineData("µs", 100, 130, 140, true)]
    [InlineData("µs", 100, 129, 140, false)]
    public void A_peer_is_beaten_by_a_larger_rate_or_a_shorter_time(string unit, double ours, double fusion, double hybrid, bool kept)
    {
        var line = new PeerLine("a line", unit, ours) { FusionCache = fusion, HybridCache = hybrid, Goal = 1.3, GoalIsForBoth = true };

        Assert.Equal(kept, line.IsKept);
        Assert.EndsWith(kept ? "  ok" : "  miss", line.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_goal_is_compared_with_FusionCache_alone_and_a_line_without_a_goal_is_undecided()
    {
        Assert.True(new PeerLine("a line", "/s", 130) { FusionCache = 100, HybridCache = 1_000, Goal = 1.3 }.IsKept);
        Assert.Null(new PeerLine("a line", "/s", 130) { FusionCache = 100 }.IsKept);
    }

    [Fact]
    public void Strict_fails_exactly_when_a_budget_is_missed()
    {
        var (status, lines, _) = Quick.Value;

        Assert.Equal(lines.Any(line => line.EndsWith("  miss", StringComparison.Ordinal)) ? 1 : 0, status);
    }

    [Fact]
    public void An_unknown_argument_is_refused_with_a_list_of_the_known_groups()
    {
        var (status, lines, errors) = Run("in-procces", "--quick");

        Assert.Equal(2, status);
        Assert.Empty(lines);
        Assert.Equal("Unknown: in-procces. Usage: budgets [group...] [--strict] [--quick] [--page FILE]. Groups: channel, commits, in-process, postgres, redis, rules." + Environment.NewLine, errors);
    }

    private static IEnumerable<string> HitLines(string what, params string[] keys) =>
        from key in keys
        from threads in new[] { "1 thread", "2 threads" }
        select $"hit, {what}, {key} key, {threads}";

    private static IEnumerable<string> Waiting(params string[] callers) =>
        callers.SelectMany(caller => new[] { $"invalidate a key, {caller}", $"invalidate a tag, {caller}" });

    private static int Amounts(string name, string[] lines) =>
        Regex.Count(PrintedLines.Named(name, lines)[name.Length..], @" [1-9][\d,]*\.\d (µs|B|/s) ", RegexOptions.None, TimeSpan.FromSeconds(1));

    private static (int Status, string[] Lines, string Errors) Run(params string[] arguments) => PrintedLines.Run(LineCommands.Budgets, arguments);
}
