using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Model;

/// <summary>Executes each step on the cache and on the model and reports differences.</summary>
internal sealed class CacheAndModel : IAsyncDisposable
{
    private readonly CacheUnderTest _test = new();
    private readonly NaiveCache _model = new();
    private int _loads;
    private int _sets;

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    public async Task Do(Step step)
    {
        switch (step)
        {
            case Get get:
                await Do(get);
                break;
            case Set set:
                var value = $"set {++_sets}";
                _model.Set(set, value);
                await _test.Cache.SetAsync(set.Key, value, set.Life.Options, set.Tags);
                break;
            case Remove remove:
                _model.Remove(remove.Targets);
                await Target.Raise(_test.Invalidator, remove.Targets);
                break;
            case Advance advance:
                Advance(advance.Milliseconds);
                break;
            default:
                await Sweep();
                break;
        }
    }

    public void Compare()
    {
        Assert.Equal(_model.Loads, Volatile.Read(ref _loads));
        Assert.Equal(_model.Loads, _test.Cache.GetStatistics().Loads);
        foreach (var key in Names.Default.Keys)
        {
            var served = _model.Look(key);
            Assert.Equal(served is not null, _test.Cache.TryGet(key, out string value));
            Assert.Equal(served?.Value, value);
            CompareInspection(key);
        }
    }

    private async Task Do(Get get)
    {
        var expected = _model.Get(get);
        var read = await Read(get);
        Assert.Equal(expected, (read.Value, read.Outcome));
    }

    private async Task<CacheResult<string>> Read(Get get)
    {
        var isStale = _test.Cache.Inspect(get.Key) is { State: EntryState.Stale };
        var asked = isStale ? get.WithoutRaces : get;
        var read = await _test.Cache.GetOrCreateResultAsync(get.Key, (c, _) => Load(asked, c), get.Life.Options, get.Tags);
        if (isStale)
            await Eventually.Holds("the refresh behind was kept", () => _test.Cache.Inspect(get.Key)?.State == EntryState.Live);
        return read;
    }

    private async ValueTask<string> Load(Get get, LoadContext context)
    {
        if (get.Inner is { } inner)
            await Read(inner);
        var raced = get.Raced;
        var value = NaiveCache.ValueOf(get.Key, Interlocked.Increment(ref _loads));
        if (raced is not null)
            await Target.Raise(_test.Invalidator, [raced]);
        foreach (var tag in get.LateTags)
            context.AddTag(tag);
        context.Expiration = get.Life.LateExpiration;
        return value;
    }

    private void Advance(int milliseconds)
    {
        _model.Advance(milliseconds);
        _test.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
    }

    /// <summary>Runs a sweep of both. The cache sweeps within 100 ms of every mark that is not a key's.</summary>
    private async Task Sweep()
    {
        await _test.Invalidator.InvalidateTagAsync("nobody's");
        _model.Remove(new Target("nobody's", (_, _) => false));
        Advance(100);
        _model.Sweep();
        Assert.Equal(_model.Served, _test.Cache.GetStatistics().Entries);
    }

    private void CompareInspection(string key)
    {
        var expected = _model.Inspect(key);
        var info = _test.Cache.Inspect(key);
        if (info is null && expected is null or (_, EntryState.Invalidated or EntryState.Expired))
            return; // a sweep may have removed the entry already
        Assert.NotNull(info);
        Assert.NotNull(expected);
        var (held, state) = expected.Value;
        Assert.Equal((key, state), (info.Key, info.State));
        Assert.Equal((Left(held.ExpiresAt), Left(held.FreshUntil)), (info.ExpiresIn, info.FreshIn));
        Assert.Equal(Sorted(held.Tags), Sorted(info.Tags));
        Assert.Equal(Sorted(held.MadeFrom), Sorted(info.Dependencies));
        Assert.Equal(held.Position, info.Position.Sequence);
    }

    private static string Sorted(IEnumerable<string> names) => string.Join(' ', names.Order(StringComparer.Ordinal));

    private TimeSpan Left(long at) => TimeSpan.FromMilliseconds(Math.Max(0, at - _model.Now));
}
