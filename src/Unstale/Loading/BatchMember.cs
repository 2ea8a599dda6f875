namespace Unstale.Loading;

/// <summary>One key of a <see cref="LoadBatch{T}"/>.</summary>
/// <param name="loader">Loader of the partition of the key.</param>
/// <param name="key">Key.</param>
/// <param name="life">Lifetime of the entry.</param>
/// <param name="tags">Tags of the entry.</param>
internal sealed class BatchMember<T>(LoadCoordinator loader, string key, EntryLifetime life, string[] tags)
{
    public LoadCoordinator Loader => loader;

    public string Key => key;

    public EntryLifetime Life => life;

    public string[] Tags => tags;

    /// <summary>Load that this call has started, or that another caller had started before; null while memory holds the value.</summary>
    public Load<T>? Load { get; set; }

    /// <summary>Wait for the load of another caller; null if this call has started the load.</summary>
    public LoadWaiters<T>? Joined { get; set; }
}
