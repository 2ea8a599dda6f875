using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Store;

namespace Unstale;

/// <summary>
/// Lets a factory add to the value it makes: tags learned while loading, another life, or that the value must not be kept. Valid until the
/// factory ends; every change after that is refused. Parallel branches of one factory may use it at the same time.
/// </summary>
public sealed class FillContext
{
    private readonly Lock _gate = new();
    private readonly int _maximumTagLength;
    private readonly LoadServices _services;
    private List<string>? _tags;
    private bool _hasEnded;

    internal FillContext(string key, int maximumTagLength, IServiceScopeFactory scopes)
    {
        Key = key;
        _maximumTagLength = maximumTagLength;
        _services = new LoadServices(scopes);
    }

    /// <summary>The key that is being filled.</summary>
    public string Key { get; }

    /// <summary>How long the value lives; null leaves the call's options in force.</summary>
    /// <exception cref="InvalidOperationException">Set after the factory has ended.</exception>
    public TimeSpan? Expiration
    {
        get => Read(ref field);
        set => Write(ref field, value);
    }

    /// <summary>
    /// Lifetime in this process' memory, at most <see cref="Expiration"/>. Null leaves the call's options in force; a lifetime in memory
    /// that equals the whole one follows it.
    /// </summary>
    /// <exception cref="InvalidOperationException">Set after the factory has ended.</exception>
    public TimeSpan? LocalExpiration
    {
        get => Read(ref field);
        set => Write(ref field, value);
    }

    /// <summary>
    /// Flags for the value that is loaded: whether memory and the second level keep it, and whether it is compressed. Flags that concern
    /// reading come too late for this load. Null leaves the call's options in force.
    /// </summary>
    /// <exception cref="InvalidOperationException">Set after the factory has ended.</exception>
    public HybridCacheEntryFlags? Flags
    {
        get => Read(ref field);
        set => Write(ref field, value);
    }

    /// <summary>How long the value counts as fresh; null leaves the call's options in force.</summary>
    /// <exception cref="InvalidOperationException">Set after the factory has ended.</exception>
    public TimeSpan? FreshFor
    {
        get => Read(ref field);
        set => Write(ref field, value);
    }

    /// <summary>
    /// Services of a scope that belongs to this load alone: made at first use, disposed when the load ends. Take a <c>DbContext</c> and
    /// everything else of a request from here, because a load may run longer than the request that started it. Use it from any thread.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The load has ended, or the application's services are disposed.</exception>
    public IServiceProvider Services => _services.Get(Key);

    /// <summary>False once <see cref="DoNotStore"/> was called.</summary>
    public bool IsStored
    {
        get => Read(ref field);
        private set => Write(ref field, value);
    }

    = true;

    /// <summary>Tags that were added; complete once <see cref="End"/> was called.</summary>
    internal IReadOnlyList<string>? Tags => _tags;

    /// <summary>Disposes the services, if the load has asked for any.</summary>
    internal ValueTask EndServicesAsync() => _services.EndAsync();

    /// <summary>HybridCache's own context, for a factory that takes that one.</summary>
    internal HybridContext? Hybrid { get; init; }

    /// <summary>
    /// Adds a tag. An invalidation of it that came at any time after this fill began still counts: the value is then not kept.
    /// </summary>
    /// <exception cref="ArgumentException">The tag is empty, too long, holds half of a surrogate pair, or is <c>*</c>.</exception>
    /// <exception cref="InvalidOperationException">The factory has ended: the value would be kept without the tag.</exception>
    public void AddTag(string tag)
    {
        CacheNames.CheckEntryTag(tag, _maximumTagLength);
        lock (_gate)
        {
            ThrowIfEnded_NeedsLock();
            (_tags ??= []).Add(tag);
        }
    }

    /// <summary>The value goes to those who wait for it and is not kept, neither here nor in the second level.</summary>
    /// <exception cref="InvalidOperationException">The factory has ended: the value may be kept already.</exception>
    public void DoNotStore() => IsStored = false;

    /// <summary>Refuses every further change; the values are final.</summary>
    internal void End()
    {
        Hybrid?.CopyChangesTo(this);
        lock (_gate)
            _hasEnded = true;
    }

    private T Read<T>(ref T value)
    {
        lock (_gate)
            return value;
    }

    private void Write<T>(ref T place, T value)
    {
        lock (_gate)
        {
            ThrowIfEnded_NeedsLock();
            place = value;
        }
    }

    private void ThrowIfEnded_NeedsLock()
    {
        if (_hasEnded)
            throw Errors.FactoryHasEnded(Key);
    }
}
