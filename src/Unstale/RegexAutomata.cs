using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Unstale;

/// <summary>
/// Compiled regular expressions of this process, one for each text. Compiling one takes milliseconds and about half a megabyte, and
/// matching may grow it further, so they are bounded by bytes and by the time since their last use.
/// </summary>
/// <param name="capacity">Bytes that all of them may take.</param>
/// <param name="largest">Bytes that one of them may take.</param>
/// <param name="ticks">A monotonic clock in milliseconds.</param>
internal sealed class RegexAutomata(long capacity, long largest, Func<long> ticks)
{
    /// <summary>One that was used within this time stays, whatever else is asked for; in milliseconds.</summary>
    public const long Recent = 1_000;

    /// <summary>One that was not used for this long is released with the next sweep; in milliseconds.</summary>
    public const long Idle = 60_000;

    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private static readonly TimeSpan NeverMatched = TimeSpan.FromMilliseconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Automaton> _all = new(StringComparer.Ordinal);
    private long _bytes;
    private long _withoutRoom;
    private long _givenUp;

#pragma warning disable RS0030 // shared by all caches of the process, so no cache's clock fits; only the release of unused ones depends on it
    public static RegexAutomata Shared { get; } = new(capacity: 16 << 20, largest: 4 << 20, static () => Environment.TickCount64);
#pragma warning restore RS0030

    /// <summary>Bytes allocated for those that are kept.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Keys that counted as matched because there was no room to compile the expression.</summary>
    public long WithoutRoom => Interlocked.Read(ref _withoutRoom);

    /// <summary>Keys that counted as matched because the expression had grown too large, or the engine refuses it.</summary>
    public long GivenUp => Interlocked.Read(ref _givenUp);

    public int Count
    {
        get
        {
            lock (_gate)
                return _all.Count;
        }
    }

    /// <summary>Refuses a text that is no regular expression. Compiles nothing.</summary>
    /// <exception cref="ArgumentException">The text is no regular expression.</exception>
    public static void Parse(string text)
    {
        try
        {
            // Neither is ever matched with. Alone: "a)|(b" would close the group that anchors it. The anchored form is parsed because a comment may swallow its end.
            _ = new Regex(text, RegexOptions.CultureInvariant, NeverMatched);
            _ = new Regex(Anchored(text), RegexOptions.CultureInvariant, NeverMatched);
        }
        catch (ArgumentException e)
        {
            throw Errors.RegexRefused(text, e);
        }
    }

    /// <summary>Refuses a text that the linear-time engine cannot run, and keeps what it compiled if there is room.</summary>
    /// <exception cref="ArgumentException">The text is no regular expression, or uses what the engine has not.</exception>
    public void Require(string text)
    {
        if (TryFind(text, out var known) && !known.IsRefused)
            return;
        Parse(text);
        try
        {
            var automaton = Compile(text);
            if (HasRoom())
                Keep(text, automaton);
        }
        catch (NotSupportedException e)
        {
            throw Errors.RegexNotLinear(text, e);
        }
    }

    /// <summary>True if the expression matches. Compiles it if need be, whether or not there is room.</summary>
    public bool IsMatch(string text, ReadOnlySpan<char> key)
    {
        if (TryFind(text, out var known))
            return known.Regex is { } regex ? Match(text, known, regex, key) : Compile(text).Regex!.IsMatch(key);
        var automaton = Compile(text);
        if (HasRoom())
            automaton = Keep(text, automaton);
        return Match(text, automaton, automaton.Regex!, key);
    }

    /// <summary>
    /// True if the expression matches, or if that cannot be found out within the bounds: there is no room to compile it, it has grown too
    /// large, or the engine refuses it. What is not known to be untouched counts as invalidated.
    /// </summary>
    public bool MayMatch(string text, ReadOnlySpan<char> key)
    {
        if (!TryFind(text, out var automaton))
        {
            if (!HasRoom())
            {
                Interlocked.Increment(ref _withoutRoom);
                return true;
            }

            automaton = Keep(text, TryCompile(text));
        }

        if (automaton.Regex is { } regex)
            return Match(text, automaton, regex, key);
        Interlocked.Increment(ref _givenUp);
        return true;
    }

    /// <summary>Releases what was not used for <see cref="Idle"/>.</summary>
    public void Trim()
    {
        lock (_gate)
            Release_NeedsLock(Idle, _all.Count);
    }

    private static string Anchored(string text) => $@"\A(?:{text})";

    private static Automaton Compile(string text)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var regex = new Regex(Anchored(text), Options);
        return new Automaton(regex, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static Automaton TryCompile(string text)
    {
        try
        {
            return Compile(text);
        }
        catch (Exception refused) when (refused is NotSupportedException or ArgumentException)
        {
            return new Automaton(null, Automaton.Overhead);
        }
    }

    private bool Match(string text, Automaton automaton, Regex regex, ReadOnlySpan<char> key)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var matches = regex.IsMatch(key);
        var grown = GC.GetAllocatedBytesForCurrentThread() - before;
        if (grown > 0)
            Grow(text, automaton, grown);
        return matches;
    }

    /// <summary>One that has grown too large is given up: compiled anew, it would grow again.</summary>
    private void Grow(string text, Automaton automaton, long bytes)
    {
        lock (_gate)
        {
            automaton.Bytes += bytes;
            if (!_all.TryGetValue(text, out var kept) || kept != automaton || automaton.Regex is null)
                return;
            Interlocked.Add(ref _bytes, bytes);
            if (automaton.Bytes <= largest)
                return;
            Interlocked.Add(ref _bytes, Automaton.Overhead - automaton.Bytes);
            automaton.Regex = null;
            automaton.Bytes = Automaton.Overhead;
        }
    }

    private bool TryFind(string text, [NotNullWhen(true)] out Automaton? automaton)
    {
        lock (_gate)
        {
            if (!_all.TryGetValue(text, out automaton))
                return false;
            automaton.UsedAt = ticks();
            return true;
        }
    }

    private bool HasRoom()
    {
        lock (_gate)
        {
            if (_bytes >= capacity)
                Release_NeedsLock(Recent, Math.Max(1, _all.Count / 4));
            return _bytes < capacity;
        }
    }

    /// <summary>The one that is kept: another thread may have been first.</summary>
    private Automaton Keep(string text, Automaton automaton)
    {
        lock (_gate)
        {
            if (_all.TryGetValue(text, out var first) && first.Regex is not null)
                return first;
            if (first is not null)
                Interlocked.Add(ref _bytes, -first.Bytes);
            automaton.UsedAt = ticks();
            _all[text] = automaton;
            Interlocked.Add(ref _bytes, automaton.Bytes);
            return automaton;
        }
    }

    /// <summary>Releases those that were not used for a time, the oldest first.</summary>
    private void Release_NeedsLock(long unusedFor, int most)
    {
        var before = ticks() - unusedFor;
        foreach (var (text, automaton) in _all.Where(pair => pair.Value.UsedAt <= before).OrderBy(static pair => pair.Value.UsedAt).Take(most).ToList())
        {
            _all.Remove(text);
            Interlocked.Add(ref _bytes, -automaton.Bytes);
        }
    }

    /// <param name="regex">Null if the engine refused the text.</param>
    /// <param name="bytes">Bytes allocated for it.</param>
    private sealed class Automaton(Regex? regex, long bytes)
    {
        /// <summary>Bytes of one without an expression, with its text.</summary>
        public const long Overhead = 4_096;

        /// <summary>Null if the engine refused the text, or if it has grown too large.</summary>
        public Regex? Regex { get; set; } = regex;

        public bool IsRefused => Regex is null;

        public long Bytes { get; set; } = bytes;

        public long UsedAt { get; set; }
    }
}
