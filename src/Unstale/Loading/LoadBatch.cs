namespace Unstale.Loading;

/// <summary>Keys that one call of a factory loads together.</summary>
/// <typeparam name="T">Type of the values.</typeparam>
internal sealed class LoadBatch<T>(Func<IReadOnlyList<string>, CancellationToken, ValueTask<Dictionary<string, T>>> source)
{
    private readonly Dictionary<string, BatchMember<T>> _members = new(StringComparer.Ordinal);
    private readonly List<string> _alone = [];

    public Func<IReadOnlyList<string>, CancellationToken, ValueTask<Dictionary<string, T>>> Source => source;

    /// <summary>Keys whose values may be stored and shared with other callers.</summary>
    public IReadOnlyCollection<BatchMember<T>> Members => _members.Values;

    /// <summary>Keys whose values only this call receives.</summary>
    public IReadOnlyList<string> Alone => _alone;

    public bool Contains(string key) => _members.ContainsKey(key) || _alone.Contains(key, StringComparer.Ordinal);

    public void Add(BatchMember<T> member) => _members.Add(member.Key, member);

    public void AddAlone(string key) => _alone.Add(key);

    /// <summary>Returns a factory for one key, for a load that begins apart from the batch. A key without a value has no result.</summary>
    public LoadFactory<LoadBatch<T>, T> For(string key) => new(this, async (batch, token) =>
        (await batch.Source([key], token).ConfigureAwait(false)) is { } loaded && loaded.TryGetValue(key, out var value) ? value : throw new KeyNotFoundException(key));
}
