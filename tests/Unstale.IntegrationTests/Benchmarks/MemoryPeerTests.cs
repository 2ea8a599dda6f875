using System.Text.RegularExpressions;
using Unstale.Benchmarks;
using Unstale.Benchmarks.InProcess.Hits;
using Unstale.Benchmarks.InProcess.Peers;
using Xunit;

namespace Unstale.IntegrationTests.Benchmarks;

/// <summary>Measurement of caches in memory side by side, and the check that each of them does the work.</summary>
public sealed class MemoryPeerTests
{
    private static readonly string[] Own = ["as HybridCache", "on UnstaleCache"];
    private static readonly string[] Invalidating = ["as HybridCache", "on IInvalidator"];

    private static readonly string[] BesideAll =
    [
        .. Hits(0),
        .. Pairs(Own, "read that loads a new key, 3 tags", "read that loads a new key, 3 tags, bytes", "set of a new key, 3 tags", "set of a new key, 3 tags, bytes"),
        .. Pairs(Invalidating, "invalidate a key", "invalidate a key, bytes"),
        "retained per entry, 2,000 entries, 3 shared tags",
    ];

    private static readonly string[] BesideTagged =
    [
        .. Hits(3),
        .. Hits(10),
        .. Pairs(Invalidating, "invalidate a tag", "invalidate a tag, bytes"),
        "1,000 callers wait for a load, until all have the value",
        "1,000 callers wait for a load, bytes per caller",
        "retained per entry, 2,000 entries, 1 tag of its own",
    ];

    [Fact]
    public void Each_line_has_a_figure_of_every_cache_that_has_the_operation()
    {
        var (status, lines, _) = PrintedLines.Run(LineCommands.Peers, "in-process", "--quick");

        Assert.Equal(0, status);
        Assert.All(BesideAll, name => Assert.Equal(7, Figures(name, lines)));
        Assert.All(BesideTagged, name => Assert.Equal(3, Figures(name, lines)));
        Assert.Equal(BesideAll.Length + BesideTagged.Length, lines.Count(static line => line.EndsWith("  -", StringComparison.Ordinal)));
        Assert.DoesNotContain(lines, static line => line.Contains(" 0 ns", StringComparison.Ordinal) || line.Contains(" 0 µs", StringComparison.Ordinal));
    }

    [Fact]
    public void A_ratio_above_one_means_that_Unstale_is_better()
    {
        var (own, hybrid) = (MemoryPeerLine.Both("a line", "ns", "a type", [10, 20, 30, 5, 0, 40, 50, 1])[0], MemoryPeerLine.Both("a line", "ns", "a type", [10, 20, 30, 5])[1]);

        Assert.EndsWith("3.00x   0.50x   0.00x   4.00x   5.00x  -", own.ToString(), StringComparison.Ordinal);
        Assert.Matches("^a line, on a type .* 1[.]50x   0[.]25x +-$", hybrid.ToString());
    }

    [Fact]
    public void Large_figures_stay_apart()
    {
        var line = MemoryPeerLine.Both("a line", "ns", "a type", [.. Enumerable.Repeat(123_456_789.0, 8)])[0].ToString();

        Assert.Equal(7, Figures("a line, as HybridCache", [line]));
    }

    [Theory]
    [InlineData(Fault.None, null)]
    [InlineData(Fault.LoadsNothing, "does not load a missing value")]
    [InlineData(Fault.StoresNothing, "loads a stored value")]
    [InlineData(Fault.FindsNothing, "does not find a stored value")]
    [InlineData(Fault.RemovesNoKey, "still holds a removed key")]
    [InlineData(Fault.RemovesNoTag, "still holds an entry of a removed tag")]
    [InlineData(Fault.SetsNothing, "does not hold a value that was set")]
    public void A_cache_that_does_not_do_the_work_is_not_measured(Fault fault, string? message)
    {
        using var peer = new FaultyPeer(fault);

        var failure = Record.Exception(() => MemoryPeerCheck.DoesTheWork(peer));

        Assert.Equal(message is null ? null : $"FaultyPeer {message}.", failure?.Message);
    }

    [Fact]
    public void A_cache_that_loads_for_each_caller_is_not_measured()
    {
        using var peer = new FaultyPeer(Fault.None);

        var failure = Assert.Throws<InvalidOperationException>(() => new PeerWaits(peer).Microseconds());

        Assert.Equal("FaultyPeer does not give the value of one load to all callers.", failure.Message);
    }

    private static IEnumerable<string> Hits(int tags) => Pairs(Own, [.. new[] { "1 thread", "2 threads", "bytes" }.Select(figure => $"hit, hot 100, {tags} tags, {figure}")]);

    private static IEnumerable<string> Pairs(string[] ways, params string[] names) => names.SelectMany(name => ways.Select(way => $"{name}, {way}"));

    private static int Figures(string name, string[] lines) =>
        Regex.Count(PrintedLines.Named(name, lines)[name.Length..], @" -?[\d,]+(\.\d+)? (ns|µs|ms|B)(?= )", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));

    public enum Fault
    {
        None,
        LoadsNothing,
        StoresNothing,
        FindsNothing,
        RemovesNoKey,
        RemovesNoTag,
        SetsNothing,
    }

    /// <summary>Dictionary of keys and their tags, with one fault.</summary>
    private sealed class FaultyPeer(Fault fault) : ITaggedPeer
    {
        private readonly Dictionary<string, string[]> _tagsOf = new(StringComparer.Ordinal);

        public HitLoop Hits(string[] keys, string[]? tags) => new Loop(keys, fault == Fault.FindsNothing ? [] : _tagsOf);

        public int Load(string[] keys, string[][]? tags)
        {
            var missing = keys.Count(key => !_tagsOf.ContainsKey(key));
            if (fault != Fault.StoresNothing)
                Store(keys, tags);
            return fault == Fault.LoadsNothing ? 0 : missing;
        }

        public void Set(string[] keys, string[][]? tags)
        {
            if (fault != Fault.SetsNothing)
                Store(keys, tags);
        }

        public void Remove(string[] keys)
        {
            if (fault != Fault.RemovesNoKey)
                Array.ForEach(keys, key => _tagsOf.Remove(key));
        }

        public void RemoveByTag(string[] tags)
        {
            if (fault != Fault.RemovesNoTag)
                Array.ForEach([.. _tagsOf.Where(entry => entry.Value.Intersect(tags).Any())], entry => _tagsOf.Remove(entry.Key));
        }

        public Func<ValueTask<string>> Read(string key, string[]? tags, Func<Task<string>> load) => () => new ValueTask<string>(load());

        public void Dispose() => _tagsOf.Clear();

        private void Store(string[] keys, string[][]? tags)
        {
            for (var index = 0; index < keys.Length; index++)
                _tagsOf[keys[index]] = tags?[index] ?? [];
        }

        private sealed class Loop(string[] keys, Dictionary<string, string[]> stored) : HitLoop(keys)
        {
            public override void Run(int operations, int thread) =>
                End(thread, Start(thread), stored.ContainsKey(Keys[Start(thread)]) ? Unstale.Benchmarks.InProcess.Keys.Value : null);
        }
    }
}
