namespace Unstale.Tests.Model;

/// <summary>
/// Plain reference model of a cache: a dictionary and a list of all invalidations. Each read scans the whole list.
/// </summary>
internal sealed class NaiveCache
{
    private readonly Dictionary<string, Held> _entries = new(StringComparer.Ordinal);
    private readonly List<IReadOnlyList<Target>> _invalidations = [];

    public long Now { get; private set; }

    public int Loads { get; private set; }

    public int Served => _entries.Keys.Count(key => Look(key) is not null);

    /// <param name="Value">The value.</param>
    /// <param name="Tags">Tags of the value.</param>
    /// <param name="MadeFrom">Keys that the factory read, directly or indirectly.</param>
    /// <param name="Position">Number of invalidations at the time of the read.</param>
    /// <param name="FreshUntil">Time after which a read refreshes.</param>
    /// <param name="ExpiresAt">Time at which the value expires.</param>
    public sealed record Held(string Value, IReadOnlyList<string> Tags, IReadOnlyList<string> MadeFrom, int Position, long FreshUntil, long ExpiresAt);

    public static string ValueOf(string key, int load) => $"{key} #{load}";

    public void Advance(long milliseconds) => Now += milliseconds;

    public void Remove(params IReadOnlyList<Target> targets)
    {
        _invalidations.Add(targets);
        foreach (var target in targets)
        {
            if (target.Key is { } key)
                _entries.Remove(key);
        }
    }

    /// <summary>Returns the value that a read would serve.</summary>
    public Held? Look(string key) =>
        _entries.TryGetValue(key, out var held) && Now < held.ExpiresAt && !IsInvalidated(key, held) ? held : null;

    /// <summary>Returns the stored value, valid or not, until its memory is reclaimed.</summary>
    public (Held Held, EntryState State)? Inspect(string key)
    {
        if (!_entries.TryGetValue(key, out var held))
            return null;
        var state = IsInvalidated(key, held) ? EntryState.Invalidated
            : Now >= held.ExpiresAt ? EntryState.Expired
            : Now >= held.FreshUntil ? EntryState.Stale : EntryState.Live;
        return (held, state);
    }

    public (string Value, CacheOutcome Outcome) Get(Get step)
    {
        var (held, outcome) = Read(step);
        return (held.Value, outcome);
    }

    private (Held Held, CacheOutcome Outcome) Read(Get step)
    {
        if (Look(step.Key) is not { } held)
            return (Load(step), CacheOutcome.Load);
        if (Now < held.FreshUntil)
            return (held, CacheOutcome.Memory);
        Load(step.WithoutRaces);
        return (held, CacheOutcome.Stale);
    }

    public void Set(Set step, string value)
    {
        Remove(Array.Find(Names.Default.Targets, t => t.Key == step.Key)!);
        Keep(step.Key, New(value, step.Tags, [], _invalidations.Count, step.Life with { Late = null }));
    }

    public void Sweep()
    {
        foreach (var key in _entries.Keys.Where(key => Look(key) is null).ToList())
            _entries.Remove(key);
    }

    private Held Load(Get step)
    {
        var position = _invalidations.Count;
        var read = step.Inner is { } inner ? Read(inner).Held : null;
        if (step.Raced is { } raced)
            Remove(raced);
        var value = ValueOf(step.Key, ++Loads);
        var tags = step.Tags.Union(step.LateTags, StringComparer.Ordinal).Union(read?.Tags ?? [], StringComparer.Ordinal);
        var madeFrom = read is null ? [] : read.MadeFrom.Append(step.Inner!.Key).Where(key => key != step.Key).Distinct(StringComparer.Ordinal);
        var made = New(value, [.. tags], [.. madeFrom], position, step.Life);
        if (!IsInvalidated(step.Key, made))
            Keep(step.Key, made);
        return made;
    }

    private void Keep(string key, Held held) => _entries[key] = held;

    private Held New(string value, IReadOnlyList<string> tags, IReadOnlyList<string> madeFrom, int position, Life life)
    {
        var expiration = 1000L * (life.Late ?? life.Expiration ?? 300);
        var fresh = Math.Min(1000L * life.FreshFor ?? expiration, expiration);
        return new Held(value, tags, madeFrom, position, Now + fresh, Now + expiration);
    }

    private bool IsInvalidated(string key, Held held) =>
        _invalidations.Skip(held.Position).Any(targets => targets.Any(t => t.Concerns(key, held.Tags) || held.MadeFrom.Any(k => t.Concerns(k, []))));
}
