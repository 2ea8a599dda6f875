using Xunit;

namespace Unstale.Tests.Documentation;

public sealed class ManyKeysExample
{
    private readonly List<int[]> _queries = [];

    [Fact]
    public async Task A_page_of_products_is_one_query_for_the_products_that_are_not_cached()
    {
        await using var test = new CacheUnderTest();
        await NamesAsync(test.Cache, [1, 2]);
        var names = await NamesAsync(test.Cache, [1, 2, 3, 4]);
        Assert.Equal("name of 4", names["product:4"]);
        Assert.Equal([[1, 2], [3, 4]], _queries);
    }

    private ValueTask<IReadOnlyDictionary<string, string>> NamesAsync(UnstaleCache cache, int[] ids)
    {
        var idOf = ids.ToDictionary(id => $"product:{id}", StringComparer.Ordinal);
        return cache.GetOrCreateManyAsync(
            idOf.Keys,
            async (missing, stop) => await QueryAsync([.. missing.Select(key => idOf[key])], stop), // WHERE id IN (...)
            tagsOf: key => [key]);
    }

    private ValueTask<Dictionary<string, string>> QueryAsync(int[] ids, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        _queries.Add(ids);
        return new(ids.ToDictionary(static id => $"product:{id}", static id => $"name of {id}", StringComparer.Ordinal));
    }
}
