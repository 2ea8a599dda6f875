namespace Unstale.Loading;

/// <summary>Keys that one call of a factory loads together.</summary>
/// <typeparam name="T">Type of the values.</typeparam>
internal sealed class LoadBatch<T>(Func<IReadOnlyList<string>, CancellationToken, ValueTask<Dictionary<string, T>>> source)
{
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private readonly List<BatchMember<T>> _members = [];
    private readonly List<BatchMember<T>> _alone = [];
    private readonly List<string> _uncacheable = [];

    public Func<IReadOnlyList<string>, CancellationToken, ValueTask<Dictionary<string, T>>> Source => source;

    /// <summary>Keys whose values may be stored and shared with other callers.</summary>
    public IReadOnlyList<BatchMember<T>> Members => _members;

    /// <summary>Keys whose values only this call receives.</summary>
    public IReadOnlyList<BatchMember<T>> Alone => _alone;

    /// <summary>Keys that cannot be cached.</summary>
    public IReadOnlyList<string> Uncacheable => _uncacheable;

    public bool IsEmpty => _keys.Count == 0;

    /// <summary>Whether the caller alone receives some of the values.</summary>
    public bool HasUnshared => _alone.Count > 0 || _uncacheable.Count > 0;

    public bool Contains(string key) => _keys.Contains(key);

    public void Add(BatchMember<T> member)
    {
        _keys.Add(member.Key);
        _members.Add(member);
    }

    public void AddAlone(BatchMember<T> member)
    {
        _keys.Add(member.Key);
        _alone.Add(member);
    }

    public void AddUncacheable(string key)
    {
        _keys.Add(key);
        _uncacheable.Add(key);
    }

    /// <summary>Returns a factory for one key, for a load that begins apart from the batch. A key without a value throws <see cref="NoValueException"/>.</summary>
    public LoadFactory<LoadBatch<T>, T> For(string key) => new(this, async (batch, token) =>
        (await batch.Source([key], token).ConfigureAwait(false)) is { } loaded && loaded.TryGetValue(key, out var value) ? value : throw new NoValueException());
}
