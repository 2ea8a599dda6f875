using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Loading;
using Unstale.Memory;
using Unstale.Predicates;
using Unstale.Values;

namespace Unstale;

/// <summary>
/// Context of a running factory. Use it to add tags found during the load, to set the lifetime of the value, to prevent its storage, to ask the source
/// only for a change of the previous value, or to resolve services. Valid until the factory ends; later changes throw. Safe for concurrent use by parallel branches of the factory.
/// </summary>
public sealed class LoadContext
{
    private readonly Lock _gate = new();
    private readonly int _maximumTagLength;
    private readonly LoadServices _services;
    private List<string>? _tags;
    private Entry? _previous;
    private bool _hasEnded;

    internal LoadContext(string key, int maximumTagLength, IServiceScopeFactory scopes)
    {
        Key = key;
        _maximumTagLength = maximumTagLength;
        _services = new LoadServices(scopes);
    }

    /// <summary>Key that is being loaded.</summary>
    public string Key { get; }

    /// <summary>Lifetime of the value, in memory and in the second level. Null: the options of the call apply.</summary>
    /// <exception cref="InvalidOperationException">The property is set after the factory has ended.</exception>
    public TimeSpan? Expiration
    {
        get => Read(ref field);
        set => Write(ref field, value);
    }

    /// <summary>
    /// Lifetime of the value in this process's memory, at most <see cref="Expiration"/>. Null: the options of the call apply; a lifetime in memory
    /// equal to the whole lifetime follows changes of <see cref="Expiration"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The property is set after the factory has ended.</exception>
    public TimeSpan? LocalExpiration
    {
        get => Read(ref field);
        set => Write(ref field, value);
    }

    /// <summary>
    /// Flags for the loaded value: whether memory and the second level store it, and whether it is compressed. Flags for reads have no effect on this
    /// load. Null: the options of the call apply.
    /// </summary>
    /// <exception cref="InvalidOperationException">The property is set after the factory has ended.</exception>
    public HybridCacheEntryFlags? Flags
    {
        get => Read(ref field);
        set => Write(ref field, value);
    }

    /// <summary>Time for which the value counts as fresh. Null: the options of the call apply.</summary>
    /// <exception cref="InvalidOperationException">The property is set after the factory has ended.</exception>
    public TimeSpan? FreshFor
    {
        get => Read(ref field);
        set => Write(ref field, value);
    }

    /// <summary>
    /// Size of the value in memory, in bytes, for <see cref="UnstaleOptions.MaximumBytes"/>. Only for a value whose size the cache cannot compute, see
    /// <see cref="UnstaleEntryOptions.LocalSize"/>. Null: the options of the call apply.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is negative.</exception>
    /// <exception cref="InvalidOperationException">The property is set after the factory has ended.</exception>
    public long? LocalSize
    {
        get => Read(ref field);
        set => Write(ref field, value is < 0 ? throw Errors.LocalSize(nameof(value), value.Value) : value);
    }

    /// <summary>Priority of the value when entries are evicted. Null: the options of the call apply.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="CacheItemPriority"/>.</exception>
    /// <exception cref="InvalidOperationException">The property is set after the factory has ended.</exception>
    public CacheItemPriority? Priority
    {
        get => Read(ref field);
        set => Write(ref field, value is { } priority && !Enum.IsDefined(priority) ? throw Errors.PriorityOf(nameof(value), priority) : value);
    }

    /// <summary>
    /// Services of a scope owned by this load: created on first use, disposed when the load ends. Resolve a <c>DbContext</c> and other request-scoped
    /// services from here, because a load may outlive the request that started it. May be used from any thread.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The load has ended, or the application's services are disposed.</exception>
    public IServiceProvider Services => _services.Get(Key);

    /// <summary>Whether the value may be stored; false after <see cref="DoNotStore"/>.</summary>
    public bool IsStored
    {
        get => Read(ref field);
        private set => Write(ref field, value);
    }

    = true;

    /// <summary>
    /// Whether a value that may not be stored leaves the stored one in both levels. Otherwise an older value is removed, because the source has no value to store.
    /// </summary>
    internal bool LeavesStored { get; set; }

    /// <summary>Loader whose memory may hold a previous value; null for a load that must not see one.</summary>
    internal LoadCoordinator? Loader { get; set; }

    /// <summary>Load of the factory; null for a factory whose value nothing stores.</summary>
    internal Load? Load { get; set; }

    /// <summary>Added tags; complete after <see cref="End"/>.</summary>
    internal IReadOnlyList<string>? Tags => _tags;

    /// <summary>Disposes the service scope, if one was created.</summary>
    internal ValueTask EndServicesAsync() => _services.EndAsync();

    /// <summary>Context of the HybridCache API, for a factory with that signature.</summary>
    internal HybridContext? Hybrid { get; init; }

    /// <summary>
    /// Adds a tag to the value. An invalidation of the tag at any time after the start of this load is respected: the value is then not stored.
    /// </summary>
    /// <param name="tag">Tag to add.</param>
    /// <exception cref="ArgumentException">The tag is empty, too long, contains an unpaired surrogate, or is <c>*</c>.</exception>
    /// <exception cref="InvalidOperationException">The factory has ended. The value would be stored without the tag.</exception>
    public void AddTag(string tag)
    {
        CacheNames.CheckEntryTag(tag, _maximumTagLength);
        lock (_gate)
        {
            ThrowIfEnded_NeedsLock();
            (_tags ??= []).Add(tag);
        }
    }

    /// <summary>
    /// Makes the value depend on rows of the database. Use it for each query of the factory that no integration records. A change of such a row, reported by
    /// <see cref="Change.Before"/> and <see cref="Change.After"/> at any time after the start of this load, invalidates the value; other changes of the table do
    /// not.
    /// </summary>
    /// <param name="rows">Rows that the query can return. Above 64 predicates, the value depends on their tables.</param>
    /// <exception cref="InvalidOperationException">The factory has ended. The value would be stored without the dependency.</exception>
    public void DependsOn(Predicate rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        lock (_gate)
            ThrowIfEnded_NeedsLock();
        if ((Load ?? AmbientLoad.Current) is { } load)
            load.DependOn(rows.ToRows(load.Loader.Context.ColumnHash));
    }

    /// <summary>
    /// Prevents the storage of the value, in memory and in the second level. Callers that wait for the load still receive the value.
    /// </summary>
    /// <exception cref="InvalidOperationException">The factory has ended. The value may already be stored.</exception>
    public void DoNotStore() => IsStored = false;

    /// <summary>
    /// Returns the value that memory holds for the key, to ask the source only whether the value has changed, such as by its <c>ETag</c>. Holds a value during a refresh
    /// (<see cref="UnstaleEntryOptions.FreshFor"/>), and after the expiration for the time of <see cref="UnstaleEntryOptions.FailSafeFor"/>.
    /// </summary>
    /// <remarks>
    /// Never an invalidated value, and none while the node is not trusted, in a <see cref="UnstaleCache.BypassScope"/> or in the load of a transaction. The second level has
    /// no previous values.
    /// </remarks>
    /// <typeparam name="T">Type of the value, as loaded.</typeparam>
    /// <param name="value">Previous value, or a copy if the type is mutable. Default of the type if there is none.</param>
    /// <returns>Whether there is a previous value.</returns>
    /// <exception cref="InvalidOperationException">The factory has ended.</exception>
    public bool TryGetPrevious<T>([MaybeNullWhen(false)] out T value)
    {
        value = default;
        var previous = Loader?.FindKept(Key, out value, out _);
        Write(ref _previous, previous);
        return previous is not null;
    }

    /// <summary>
    /// Returns the value of <see cref="TryGetPrevious"/>, as the result of a factory whose source has not changed. The value is stored again with a new lifetime. It keeps its
    /// tags and the names of the values that it was made from, because the factory has not read them again.
    /// </summary>
    /// <remarks>An invalidation at any time after the start of this load is respected: the value is then not stored.</remarks>
    /// <typeparam name="T">Type of the value, as loaded.</typeparam>
    /// <returns>Previous value, or a copy if the type is mutable.</returns>
    /// <exception cref="InvalidOperationException"><see cref="TryGetPrevious"/> has not returned a value of this type, or the factory has ended.</exception>
    public T NotModified<T>()
    {
        if (Read(ref _previous) is not { } previous || !Loader!.TryReadKept<T>(previous, out var value))
            throw Errors.NoPreviousValue(Key);
        lock (_gate)
        {
            ThrowIfEnded_NeedsLock();
            (_tags ??= []).AddRange(previous.Tags.Names);
        }

        return value;
    }

    /// <summary>Makes the context read-only. Later changes throw.</summary>
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
