using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Unstale.Values;

/// <summary>
/// Compiled regular expressions of this process, one per text. Compilation takes milliseconds and about half a megabyte, and matching may allocate more,
/// so the expressions are bounded by bytes and by the time since their last use.
/// </summary>
/// <param name="capacity">Maximum bytes of all expressions.</param>
/// <param name="largest">Maximum bytes of one expression.</param>
/// <param name="ticks">Monotonic clock in milliseconds.</param>
internal sealed class RegexAutomata(long capacity, long largest, Func<long> ticks)
{
    /// <summary>Time since the last use within which an expression is never released to make room, in milliseconds.</summary>
    public const long Recent = 1_000;

    /// <summary>Time since the last use after which the next sweep releases an expression, in milliseconds.</summary>
    public const long Idle = 60_000;

    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private static readonly TimeSpan NeverMatched = TimeSpan.FromMilliseconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Automaton> _all = new(StringComparer.Ordinal);
    private long _bytes;
    private long _withoutRoom;
    private long _givenUp;

#pragma warning disable RS0030 // shared by all caches of the process, so no cache's clock applies; only the release of unused expressions depends on the clock
    public static RegexAutomata Shared { get; } = new(capacity: 16 << 20, largest: 4 << 20, static () => Environment.TickCount64);
#pragma warning restore RS0030

    /// <summary>Bytes allocated for the stored expressions.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Number of keys that counted as matched because there was no room to compile the expression.</summary>
    public long WithoutRoom => Interlocked.Read(ref _withoutRoom);

    /// <summary>Number of keys that counted as matched because the expression had grown too large or was refused by the engine.</summary>
    public long AbandonedCount => Interlocked.Read(ref _givenUp);

    public int Count
    {
        get
        {
            lock (_gate)
                return _all.Count;
        }
    }

    /// <summary>Throws if the text is not a regular expression. Compiles nothing.</summary>
    /// <exception cref="ArgumentException">The text is not a regular expression.</exception>
    public static void Parse(string text)
    {
        try
        {
            // Neither instance is used to match. The plain text is parsed because "a)|(b" would close the anchored group, the anchored text because a
            // comment may swallow the end of the group.
            _ = new Regex(text, RegexOptions.CultureInvariant, NeverMatched);
            _ = new Regex(Anchored(text), RegexOptions.CultureInvariant, NeverMatched);
        }
        catch (ArgumentException e)
        {
            throw Errors.RegexRefused(text, e);
        }
    }

    /// <summary>Throws if the linear-time engine cannot run the text. Stores the compiled expression if there is room.</summary>
    /// <exception cref="ArgumentException">The text is not a regular expression, or uses a construct that the engine does not support.</exception>
    public void Require(string text)
    {
        if (TryFind(text, out var known) && !known.IsRefused)
            return;
        Parse(text);
        try
        {
            var automaton = Compile(text);
            if (HasRoom())
                Cache(text, automaton);
        }
        catch (NotSupportedException e)
        {
            throw Errors.RegexNotLinear(text, e);
        }
    }

    /// <summary>Returns true if the expression matches. Compiles the expression if necessary, whether or not there is room to store the result.</summary>
    public bool IsMatch(string text, ReadOnlySpan<char> key)
    {
        if (TryFind(text, out var known))
            return known.Regex is { } regex ? Match(text, known, regex, key) : Compile(text).Regex!.IsMatch(key);
        var automaton = Compile(text);
        if (HasRoom())
            automaton = Cache(text, automaton);
        return Match(text, automaton, automaton.Regex!, key);
    }

    /// <summary>
    /// Returns true if the expression matches, or if the limits prevent a decision: there is no room to compile the expression, the expression has grown
    /// too large, or the engine refuses it. A key that may be affected counts as invalidated.
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

            automaton = Cache(text, TryCompile(text));
        }

        if (automaton.Regex is { } regex)
            return Match(text, automaton, regex, key);
        Interlocked.Increment(ref _givenUp);
        return true;
    }

    /// <summary>Releases all expressions that were not used for <see cref="Idle"/>.</summary>
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

    /// <summary>Adds bytes to the size of an expression. One that is too large is given up, because a recompiled one would grow again.</summary>
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

    /// <summary>Stores an expression and returns the stored one, possibly created by another thread.</summary>
    private Automaton Cache(string text, Automaton automaton)
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

    /// <summary>Releases expressions that were not used for the given time, the oldest first.</summary>
    private void Release_NeedsLock(long unusedFor, int most)
    {
        var before = ticks() - unusedFor;
        foreach (var (text, automaton) in _all.Where(pair => pair.Value.UsedAt <= before).OrderBy(static pair => pair.Value.UsedAt).Take(most).ToList())
        {
            _all.Remove(text);
            Interlocked.Add(ref _bytes, -automaton.Bytes);
        }
    }

    /// <param name="regex">Compiled expression; null if the engine refused the text.</param>
    /// <param name="bytes">Bytes allocated for the expression.</param>
    private sealed class Automaton(Regex? regex, long bytes)
    {
        /// <summary>Bytes of an automaton without an expression, including its text.</summary>
        public const long Overhead = 4_096;

        /// <summary>Compiled expression; null if the engine refused the text or the expression has grown too large.</summary>
        public Regex? Regex { get; set; } = regex;

        public bool IsRefused => Regex is null;

        public long Bytes { get; set; } = bytes;

        public long UsedAt { get; set; }
    }
}
