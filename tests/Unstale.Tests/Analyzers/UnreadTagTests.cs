using Microsoft.CodeAnalysis;
using Unstale.Analyzers.Tags;
using Xunit;

namespace Unstale.Tests.Analyzers;

/// <summary>UNSTALE002: an invalidated tag that no read carries.</summary>
public sealed class UnreadTagTests
{
    private const string Id = "UNSTALE002";
    private const string ReadOfProduct = "await cache.GetOrCreateAsync(\"a\", _ => new ValueTask<string>(\"a\"), tags: [$\"product:{id}\", \"catalogue\"]);";

    [Theory]
    [InlineData("await cache.RemoveByTagAsync([|\"stock\"|]);")]
    [InlineData("await cache.RemoveByTagAsync([\"catalogue\", [|\"stock\"|]]);")]
    [InlineData("await cache.RemoveByTagAsync([|$\"prodcut:{id}\"|]);")]
    [InlineData("await cache.RemoveByTagAsync([|\"Product:\" + id|]);")]
    [InlineData("await invalidator.InvalidateTagAsync([|\"stock\"|]);")]
    [InlineData("await invalidator.InvalidateAsync(tags: new[] { [|\"stock\"|] });")]
    [InlineData("await invalidator.InvalidateAsync(allOf: [\"catalogue\", [|\"rack\"|]]);")]
    [InlineData("invalidator.InvalidateLater(tags: new List<string> { [|\"stock\"|] });")]
    [InlineData("const string Stock = \"stock\"; await cache.RemoveByTagAsync([|Stock|]);")]
    [InlineData("await cache.RemoveByTagAsync([|Names.Stock|]);")]
    [InlineData("set.Tags([|\"stock\"|]);")]
    [InlineData("await cache.RemoveByTagAsync([|\"stock\"|]); await cache.RemoveByTagAsync([|\"stock\"|]);")]
    [InlineData("await cache.RemoveByTagAsync([|CacheKey.Of(\"depot\", id)|]);")]
    public async Task A_tag_that_no_read_carries_is_reported(string invalidation)
    {
        using var project = Project(ReadOfProduct, invalidation);
        await project.RequireAsync(Id);
    }

    [Theory]
    [InlineData("await cache.RemoveByTagAsync(\"catalogue\");")]
    [InlineData("await cache.RemoveByTagAsync($\"product:{id}\");")]
    [InlineData("await cache.RemoveByTagAsync(\"product:4\");")]
    [InlineData("await cache.RemoveByTagAsync($\"product:{id}:prices\");")]
    [InlineData("await cache.RemoveByTagAsync(CacheKey.Of(\"product\", id));")]
    [InlineData("await cache.RemoveByTagAsync(\"*\");")]
    [InlineData("await cache.RemoveByTagAsync(id);")]
    [InlineData("await cache.RemoveByTagAsync($\"{id}:product\");")]
    [InlineData("await cache.RemoveByTagAsync(\"stock\"); Console.WriteLine(\"stock\");")]
    [InlineData("await cache.RemoveByTagAsync(Names.Stock); Console.WriteLine(Names.Stock);")]
    [InlineData("await cache.RemoveByTagAsync(\"stock\"); RuleBuilder.When(\"product\").Invalidate(\"stock\");")]
    [InlineData("await cache.SetAsync(\"s\", 1, tags: [\"stock\"]); await cache.RemoveByTagAsync(\"stock\");")]
    [InlineData("await unstale.GetOrCreateAsync(\"s\", (context, _) => { context.AddTag(\"stock\"); return new ValueTask<int>(1); }); await cache.RemoveByTagAsync(\"stock\");")]
    [InlineData("await invalidator.InvalidateKeyAsync(\"stock\");")]
    [InlineData("[Description(\"stock\")] static void Tagged() { } Tagged(); await cache.RemoveByTagAsync(\"stock\");")]
    [InlineData("static string Tagged(string tag = \"stock\") => tag; await cache.RemoveByTagAsync(\"stock\"); Tagged();")]
    public async Task A_tag_that_a_read_or_another_text_carries_is_not_reported(string invalidation)
    {
        using var project = Project(ReadOfProduct, invalidation);
        await project.RequireAsync(Id);
    }

    [Theory]
    [InlineData("tags: [id]")]
    [InlineData("tags: tags")]
    [InlineData("tags: [.. tags]")]
    [InlineData("tags: null); await queries.ExecuteAsync(new object(), _ => new ValueTask<int>(1)")]
    public async Task Beside_a_tag_that_is_not_constant_only_a_near_text_is_reported(string tags)
    {
        var read = $"{ReadOfProduct} await cache.SetAsync(\"b\", 1, {tags});";
        using var project = Project(read, "await cache.RemoveByTagAsync([|\"catalog\"|]); await cache.RemoveByTagAsync(\"stock\"); await cache.RemoveByTagAsync(\"catalo\");");
        await project.RequireAsync(Id);
    }

    [Theory]
    [InlineData("string[] all = [\"stock\"]; await cache.SetAsync(\"b\", 1, tags: all);")]
    [InlineData("await cache.SetAsync(\"b\", 1, tags: Names.All);")]
    [InlineData("await cache.SetAsync(\"b\", 1, tags: [Names.OfStock(id)]);")]
    [InlineData("await cache.SetAsync(\"b\", 1);")]
    [InlineData("await cache.SetAsync(\"b\", 1, tags: null);")]
    public async Task A_tag_behind_a_name_is_constant(string read)
    {
        using var project = Project(ReadOfProduct + read, "await cache.RemoveByTagAsync([|\"warehouse\"|]);");
        await project.RequireAsync(Id);
    }

    [Fact]
    public async Task A_project_without_reads_is_not_reported()
    {
        using var project = Project("", "await cache.RemoveByTagAsync(\"stock\");");
        await project.RequireAsync(Id);
    }

    [Fact]
    public async Task In_a_library_only_a_near_text_is_reported()
    {
        using var project = new AnalyzedProject(OutputKind.DynamicallyLinkedLibrary, [], Source(ReadOfProduct, "await cache.RemoveByTagAsync(\"stock\"); await cache.RemoveByTagAsync([|$\"produkt:{id}\"|]);"));
        await project.RequireAsync(Id);
    }

    [Fact]
    public async Task Beside_another_project_with_caches_only_a_near_text_is_reported_and_its_constants_are_shared()
    {
        var other = AnalyzedProject.Library("Reads", "public static class Shared { public const string Stock = \"catalog\"; public static ValueTask<int> Read(HybridCache cache) => cache.GetOrCreateAsync(\"b\", _ => new ValueTask<int>(1), tags: [Stock]); }");
        using var project = new AnalyzedProject(
            OutputKind.ConsoleApplication, [other], Source(ReadOfProduct, "await cache.RemoveByTagAsync(Shared.Stock); await cache.RemoveByTagAsync(\"stock\"); await cache.RemoveByTagAsync([|\"catalogues\"|]);"));
        await project.RequireAsync(Id);
    }

    [Theory]
    [InlineData("\"stock\"", "No read or set of this project carries the tag 'stock', so its invalidation removes no value: give the entries this tag, or remove the invalidation")]
    [InlineData("$\"prodcut:{id}\"", "No read or set of this project carries the tag 'prodcut:{...}', so its invalidation removes no value: did you mean 'product:{...}'?")]
    public async Task The_message_names_the_tag_and_a_near_one(string tag, string message)
    {
        using var project = Project(ReadOfProduct, $"await cache.RemoveByTagAsync({tag});");
        Assert.Equal(message, Assert.Single(await project.FindAsync()).GetMessage(null));
    }

    [Theory]
    [InlineData("\"catalog\"", "\"catalogue\"")]
    [InlineData("$\"prodcut:{id}\"", "$\"product:{id}\"")]
    public async Task The_fix_writes_the_near_tag(string tag, string corrected)
    {
        using var project = Project(ReadOfProduct, $"await cache.RemoveByTagAsync({tag});");
        var (code, remaining) = await project.FixAsync();
        Assert.Contains($"await cache.RemoveByTagAsync({corrected});", code, StringComparison.Ordinal);
        Assert.Empty(remaining);
    }

    [Theory]
    [InlineData("\"stock\"")]
    [InlineData("Names.Catalog")]
    public async Task No_fix_is_offered_without_a_near_tag_and_for_a_constant_of_another_name(string tag)
    {
        using var project = Project(ReadOfProduct, $"await cache.RemoveByTagAsync({tag});");
        Assert.Empty(await project.OfferedAsync());
    }

    [Theory]
    [InlineData("user", "user", 0)]
    [InlineData("user", "users", 1)]
    [InlineData("user", "User", 1)]
    [InlineData("user", "sure", 2)]
    [InlineData("product", "prodcut", 1)]
    [InlineData("", "ab", 2)]
    [InlineData("order", "border", 1)]
    [InlineData("kitten", "sitting", 3)]
    public void The_distance_counts_edits_and_exchanged_neighbours(string one, string other, int distance)
    {
        Assert.True(EditDistance.Within(one, other, distance));
        Assert.True(EditDistance.Within(other, one, distance));
        Assert.False(distance > 0 && EditDistance.Within(one, other, distance - 1));
    }

    private static AnalyzedProject Project(string reads, string invalidations) => new(Source(reads, invalidations));

    private static string Source(string reads, string invalidations) => $$"""
        public static class Names
        {
            public const string Stock = "stock";
            public const string Catalog = "catalog";
            public static readonly string[] All = ["shelf"];
            public static string OfStock(string id) => $"stock:{id}";
        }

        public static class Uses
        {
            public static void Add(IServiceCollection services) => services.AddUnstale();

            public static async Task ReadAsync(HybridCache cache, QueryCache queries, string id, string[] tags)
            {
                await Task.Yield();
                {{reads}}
            }

            public static async Task WriteAsync(HybridCache cache, UnstaleCache unstale, IInvalidator invalidator, InvalidationSet set, string id)
            {
                await Task.Yield();
                {{invalidations}}
            }
        }
        """;
}
