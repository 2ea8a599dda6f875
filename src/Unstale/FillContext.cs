using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Store;

namespace Unstale;

/// <summary>
/// What a factory may say about the value it makes: tags it only learned while loading, another life, or that it must not be
/// kept. Valid until the factory ends.
/// </summary>
public sealed class FillContext
{
    private readonly int _maximumTagLength;
    private readonly LoadServices _services;
    private List<string>? _tags;

    internal FillContext(string key, int maximumTagLength, IServiceScopeFactory scopes)
    {
        Key = key;
        _maximumTagLength = maximumTagLength;
        _services = new LoadServices(scopes);
    }

    /// <summary>The key that is being filled.</summary>
    public string Key { get; }

    /// <summary>How long the value lives; null leaves the call's options in force.</summary>
    public TimeSpan? Expiration { get; set; }

    /// <summary>
    /// Lifetime in this process' memory, at most <see cref="Expiration"/>. Null leaves the call's options in force; a lifetime in memory
    /// that equals the whole one follows it.
    /// </summary>
    public TimeSpan? LocalExpiration { get; set; }

    /// <summary>
    /// Flags for the value that is loaded: whether memory and the second level keep it, and whether it is compressed. Flags that concern
    /// reading come too late for this load. Null leaves the call's options in force.
    /// </summary>
    public HybridCacheEntryFlags? Flags { get; set; }

    /// <summary>How long the value counts as fresh; null leaves the call's options in force.</summary>
    public TimeSpan? FreshFor { get; set; }

    /// <summary>
    /// Services of a scope that belongs to this load alone: made at first use, disposed when the load ends. Take a <c>DbContext</c> and
    /// everything else of a request from here, because a load may run longer than the request that started it. Use it from any thread.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The load has ended, or the application's services are disposed.</exception>
    public IServiceProvider Services => _services.Get(Key);

    /// <summary>False once <see cref="DoNotStore"/> was called.</summary>
    public bool IsStored { get; private set; } = true;

    internal IReadOnlyList<string>? Tags => _tags;

    /// <summary>Disposes the services, if the load has asked for any.</summary>
    internal ValueTask EndServicesAsync() => _services.EndAsync();

    /// <summary>HybridCache's own context, for a factory that takes that one.</summary>
    internal HybridContext? Hybrid { get; init; }

    /// <summary>
    /// Adds a tag. An invalidation of it that came at any time after this fill began still counts: the value is then not kept.
    /// </summary>
    /// <exception cref="ArgumentException">The tag is empty, too long, holds half of a surrogate pair, or is <c>*</c>.</exception>
    public void AddTag(string tag)
    {
        CacheNames.CheckEntryTag(tag, _maximumTagLength);
        (_tags ??= []).Add(tag);
    }

    /// <summary>The value goes to those who wait for it and is not kept, neither here nor in the second level.</summary>
    public void DoNotStore() => IsStored = false;
}
