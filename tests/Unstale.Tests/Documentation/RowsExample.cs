using Xunit;

namespace Unstale.Tests.Documentation;

public sealed class RowsExample : IAsyncDisposable
{
    private readonly CacheUnderTest _test = new();
    private readonly UnstaleCache cache;
    private readonly IInvalidator invalidator;

    public RowsExample() => (cache, invalidator) = (_test.Cache, _test.Invalidator);

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task A_moved_product_invalidates_the_lists_of_both_categories_and_no_other()
    {
        foreach (var category in (int[])[3, 4, 5])
            _ = await NamesAsync(category);
        await MoveAsync();
        Assert.Equal([5], ((int[])[3, 4, 5]).Where(category => cache.TryGet<string[]>($"names:{category}", out _)));
    }

    private ValueTask<string[]> NamesAsync(int category) =>
        cache.GetOrCreateAsync($"names:{category}", async (context, cancellationToken) =>
        {
            context.DependsOn(Predicate.On("product").Where("category_id", category).Using("name"));
            return await ReadNamesAsync(category, cancellationToken);
        });

    private async Task MoveAsync()
    {
        await invalidator.ChangedAsync(new Change("product", "7")
        {
            Before = new Dictionary<string, object?> { ["id"] = 7, ["category_id"] = 3, ["name"] = "Lamp" },
            After = new Dictionary<string, object?> { ["id"] = 7, ["category_id"] = 4, ["name"] = "Lamp" },
        });
    }

    private static Task<string[]> ReadNamesAsync(int category, CancellationToken cancellationToken) => Task.FromResult((string[])[$"{category}", $"{cancellationToken.CanBeCanceled}"]);
}
