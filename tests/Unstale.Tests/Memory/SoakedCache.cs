using System.Runtime.CompilerServices;
using Unstale.Horizon;
using Unstale.Loading;
using Unstale.Memory;
using Unstale.Partitions;
using Unstale.Tests.Loading;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Memory;

/// <summary>
/// A cache over a source of version numbers that only increase. A writer first raises the source, then invalidates, and last raises the
/// minimum version for later reads.
/// </summary>
internal sealed class SoakedCache : IAsyncDisposable
{
    public const int Keys = 120;
    private const int TagCount = 10;

    private readonly CacheUnderTest _test;
    private readonly int _capacity;
    private readonly string[] _names = [.. Enumerable.Range(0, Keys).Select(i => $"{(char)('a' + (i % 4))}:{i}")];
    private readonly string[][] _tags = [.. Enumerable.Range(0, Keys).Select(i => TagsOf(i))];
    private readonly GlobPattern[] _patterns = [.. Enumerable.Range(0, 4).Select(i => new GlobPattern($"{(char)('a' + i)}:*"))];
    private readonly Versions _written = new(Keys);
    private readonly Versions _set = new(Keys);

    public SoakedCache(int capacity)
    {
        _capacity = capacity;
        _test = new CacheUnderTest(o => o.MaximumEntries = capacity);
    }

    public UnstaleCache Cache => _test.Cache;

    public MemoryStore Store => StoreOf(Cache);

    public PartitionHorizon Horizon => Part.Node.Horizon;

    private CachePartition Part => OnlyOf(Cache)!;

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    public async Task ReadAsync(int key, int dice)
    {
        await ReadOneAsync(key, dice);
        if ((dice & 48) == 0)
            await ReadMadeAsync(key, dice);
        var least = _set.Required(key);
        if (Cache.TryGet(SetName(key), out long set))
            Assert.True(set >= least, $"{SetName(key)}: {set} was read after {least} had been set");
    }

    private async Task<long> ReadOneAsync(int key, int dice)
    {
        var least = _written.Required(key);
        var options = (dice & 3) == 0 ? new UnstaleEntryOptions { Expiration = TimeSpan.FromSeconds(2), FreshFor = TimeSpan.FromSeconds(1) } : null;
        var seen = await Cache.GetOrCreateAsync(_names[key], (context, _) => LoadAsync(key, dice, context), options, _tags[key][1..]);
        Assert.True(seen >= least, $"{_names[key]}: {seen} was read after {least} had been written");
        return seen;
    }

    /// <summary>Reads a value that is never invalidated directly, only with the entry it is derived from, two steps away.</summary>
    private async Task ReadMadeAsync(int key, int dice)
    {
        var least = _written.Required(key);
        var seen = await Cache.GetOrCreateAsync(
            $"made:{key}", async token => await Cache.GetOrCreateAsync($"half:{key}", async _ => await ReadOneAsync(key, dice), cancellationToken: token));
        Assert.True(seen >= least, $"what was made from {_names[key]}: {seen} was read after {least} had been written");
    }

    public Task WriteAsync(int key) => WriteAsync([key], async () => await Cache.RemoveAsync(_names[key]));

    public Task WriteTagAsync(int key)
    {
        var tag = _tags[key][0];
        int[] keys = [.. Enumerable.Range(0, Keys).Where(k => _tags[k].Contains(tag))];
        return WriteAsync(keys, async () => await Cache.RemoveByTagAsync(tag));
    }

    public Task WritePatternAsync(int key)
    {
        int[] keys = [.. Enumerable.Range(0, Keys).Where(k => k % 4 == key % 4)];
        return WriteAsync(keys, async () => await Cache.Invalidator.InvalidatePatternAsync(_patterns[key % 4]));
    }

    public Task WriteEverythingAsync() =>
        WriteAsync([.. Enumerable.Range(0, Keys)], async () => await Cache.Invalidator.InvalidateEverythingAsync());

    /// <summary>Sets a key. Setters of one key run one at a time, which defines the order of their commits.</summary>
    public async Task SetAsync(int key)
    {
        await _set.EnterAsync(key);
        try
        {
            var version = _set.Raise(key);
            await Cache.SetAsync(SetName(key), version, options: (UnstaleEntryOptions?)null, _tags[key]);
            _set.Require(key, version);
        }
        finally
        {
            _set.Leave(key);
        }
    }

    public Task AdvanceAsync(int milliseconds)
    {
        _test.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
        return Task.CompletedTask;
    }

    public void CheckCap() => Assert.True(Store.Count <= _capacity, "the cap holds");

    /// <summary>Verifies the store's state. A queued refresh may still begin and hold its tags while running, so only lasting errors count.</summary>
    public async Task VerifyAsync()
    {
        Exception? found = null;
        try
        {
            await Eventually.Holds("no load runs and the inside is in order", () =>
            {
                found = Running == 0 ? Record.Exception(() => StoreCheck.Verify(Horizon, Store)) : null;
                return found is null && Running == 0;
            });
        }
        catch (Exception) when (found is not null)
        {
            throw new InvalidOperationException("The inside is out of order.", found);
        }
    }

    public async Task EmptyAsync()
    {
        // A refresh queued earlier may still begin and store its value after the sweep. No read queues another.
        for (var pass = 0; pass == 0 || (pass < 10 && (Store.Count > 0 || Running > 0)); pass++)
        {
            var receipt = await Cache.Invalidator.InvalidateEverythingAsync();

            // A pass during which other threads advance the clock counts as a long one, and the next is delayed.
            await Eventually.Ends("the sweep", receipt.WaitForReclaimAsync().AsTask(), () => _test.Clock.Advance(TimeSpan.FromSeconds(10)));
            await VerifyAsync();
        }
    }

    private int Running
    {
        get
        {
            lock (Horizon.Gate)
                return LoadsOf(Part.Loader).Count;
        }
    }

    private static string SetName(int key) => $"set:{key}";

    /// <summary>Tags of a key. The factory names the first one at its end.</summary>
    private static string[] TagsOf(int key) => [$"late{key % TagCount}", $"t{key % 7}", "shared"];

    private async Task WriteAsync(int[] keys, Func<Task> invalidate)
    {
        var versions = Array.ConvertAll(keys, _written.Raise);
        await invalidate();
        for (var i = 0; i < keys.Length; i++)
            _written.Require(keys[i], versions[i]);
    }

    private async ValueTask<long> LoadAsync(int key, int dice, LoadContext context)
    {
        var version = _written.Newest(key);
        if ((dice & 12) == 0)
            await Task.Yield();
        else
            Thread.SpinWait(dice & 255);
        context.AddTag(_tags[key][0]);
        return version;
    }

    public static MemoryStore StoreOf(UnstaleCache cache) => OnlyOf(cache)!.Entries;

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_only")]
    private static extern ref CachePartition? OnlyOf(UnstaleCache cache);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_loads")]
    private static extern ref Dictionary<LoadIdentity, Load> LoadsOf(LoadCoordinator loader);
}
