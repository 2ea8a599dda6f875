namespace Unstale.Tests.Model;

/// <summary>
/// What a cache should do, said as plainly as it can be: a dictionary, and every invalidation there ever was. Each read decides by
/// scanning all of them.
/// </summary>
internal sealed class NaiveCache
{
    private readonly Dictionary<string, Held> _entries = new(StringComparer.Ordinal);
    private readonly List<IReadOnlyList<Target>> _invalidations = [];

    public long Now { get; private set; }

    public int Loads { get; private set; }

    public int Served => _entries.Keys.Count(key => Look(key) is not null);

    /// <param name="Value">The value.</param>
    /// <param name="Tags">Its tags.</param>
    /// <param name="Position">How many invalidations there were when it was read.</param>
    /// <param name="FreshUntil">Past it a read refreshes.</param>
    /// <param name="ExpiresAt">At it the value is gone.</param>
    public sealed record Held(string Value, IReadOnlyList<string> Tags, int Position, long FreshUntil, long ExpiresAt);

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

    /// <summary>What would be served.</summary>
    public Held? Look(string key) =>
        _entries.TryGetValue(key, out var held) && Now < held.ExpiresAt && !IsInvalidated(key, held) ? held : null;

    /// <summary>What is held, served or not, until its memory is reclaimed.</summary>
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
        if (Look(step.Key) is not { } held)
            return (Load(step, step.Raced), CacheOutcome.Fill);
        if (Now < held.FreshUntil)
            return (held.Value, CacheOutcome.Memory);
        Load(step, raced: null);
        return (held.Value, CacheOutcome.Stale);
    }

    public void Set(Set step, string value)
    {
        Remove(Array.Find(Names.Default.Targets, t => t.Key == step.Key)!);
        Keep(step.Key, value, step.Tags, _invalidations.Count, step.Life with { Late = null });
    }

    public void Sweep()
    {
        foreach (var key in _entries.Keys.Where(key => Look(key) is null).ToList())
            _entries.Remove(key);
    }

    private string Load(Get step, Target? raced)
    {
        var position = _invalidations.Count;
        if (raced is not null)
            Remove(raced);
        var value = ValueOf(step.Key, ++Loads);
        string[] tags = [.. step.Tags.Union(step.LateTags, StringComparer.Ordinal)];
        if (raced is null || !raced.Concerns(step.Key, tags))
            Keep(step.Key, value, tags, position, step.Life);
        return value;
    }

    private void Keep(string key, string value, IReadOnlyList<string> tags, int position, Life life)
    {
        var expiration = 1000L * (life.Late ?? life.Expiration ?? 300);
        var fresh = Math.Min(1000L * life.FreshFor ?? expiration, expiration);
        _entries[key] = new Held(value, tags, position, Now + fresh, Now + expiration);
    }

    private bool IsInvalidated(string key, Held held) =>
        _invalidations.Skip(held.Position).Any(targets => targets.Any(t => t.Concerns(key, held.Tags)));
}
