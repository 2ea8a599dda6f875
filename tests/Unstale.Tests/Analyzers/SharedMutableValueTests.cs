using Xunit;

namespace Unstale.Tests.Analyzers;

/// <summary>UNSTALE003: a value that all callers share, and that can change.</summary>
public sealed class SharedMutableValueTests
{
    private const string Id = "UNSTALE003";

    [Theory]
    [InlineData("public sealed class Product { public string Name { get; set; } = \"\"; }", "'Name' has a setter")]
    [InlineData("public sealed class Product { public string Name { get; internal set; } = \"\"; public int Stock; }", "'Name' has a setter, the field 'Stock' is not readonly")]
    [InlineData("public sealed record Product(string Name) { public int Stock { get; set; } }", "'Stock' has a setter")]
    [InlineData("public sealed record Product(List<string> Tags);", "'Tags' is a mutable 'List'")]
    [InlineData("public sealed record Product(int[] Sizes);", "'Sizes' is an array")]
    [InlineData("public sealed record Product(IDictionary<string, int> Stock);", "'Stock' is a mutable 'IDictionary'")]
    [InlineData("public sealed class Product { public readonly HashSet<int> Sizes = []; }", "'Sizes' is a mutable 'HashSet'")]
    [InlineData("public sealed record Product(Maker Maker);", "'Maker' is a 'Maker', where 'Name' has a setter")]
    [InlineData("public sealed record Product(int Id) : Named;", "'Title' has a setter")]
    [InlineData("public sealed class Product { public int this[int index] { get => 0; set { } } }", "'this[]' has a setter")]
    [InlineData("public readonly record struct Product(List<int> Sizes);", "'Sizes' is a mutable 'List'")]
    public async Task A_shared_type_that_can_change_is_reported_with_its_members(string type, string members)
    {
        using var project = Project($"[ImmutableObject(true)] {type}", "await cache.[|GetOrCreateAsync(\"a\", _ => new ValueTask<Product>(default(Product)!))|];");
        var found = Assert.Single(await project.FindAsync());
        Assert.Equal(
            (Id, $"All callers share one object of 'Product', which is marked [ImmutableObject(true)], but {members}. Make the type immutable, or remove the attribute."),
            (found.Id, found.GetMessage(null)));
    }

    [Theory]
    [InlineData("await cache.[|SetAsync|](\"a\", product);")]
    [InlineData("await unstale.[|GetOrCreateAsync|](\"a\", _ => new ValueTask<Product>(product));")]
    [InlineData("unstale.[|TryGet<Product>|](\"a\", out _);")]
    [InlineData("await cache.[|GetOrCreateAsync<int, Product>|](\"a\", 1, (_, _) => new ValueTask<Product>(product));")]
    [InlineData("await queries.[|ExecuteAsync|](new object(), _ => new ValueTask<Product>(product));")]
    [InlineData("await cache.GetOrCreateAsync(\"a\", product, (_, _) => new ValueTask<int>(1));")]
    [InlineData("Other(product);")]
    public async Task Each_read_and_set_of_such_a_type_is_reported_and_its_state_is_not(string call)
    {
        using var project = Project("[ImmutableObject(true)] public sealed class Product { public string Name { get; set; } = \"\"; }", call);
        await project.RequireAsync(Id);
    }

    [Theory]
    [InlineData("public sealed class Product { public string Name { get; set; } = \"\"; }")]
    [InlineData("[ImmutableObject(false)] public sealed class Product { public string Name { get; set; } = \"\"; }")]
    [InlineData("[ImmutableObject(true)] public class Product { public string Name { get; set; } = \"\"; }")]
    [InlineData("[ImmutableObject(true)] public sealed class Product { public string Name { get; init; } = \"\"; private int Stock { get; set; } public int Left { get; private set; } }")]
    [InlineData("[ImmutableObject(true)] public sealed record Product(string Name, IReadOnlyList<string> Tags, System.Collections.Immutable.ImmutableList<int> Sizes);")]
    [InlineData("[ImmutableObject(true)] public sealed class Product { public static int Count { get; set; } public const int Most = 1; public static List<int> All = []; }")]
    [InlineData("[ImmutableObject(true)] public sealed record Product(string Name, Product? Parent);")]
    [InlineData("[ImmutableObject(true)] public struct Product { public string Name { get; set; } public int Stock; }")]
    [InlineData("[ImmutableObject(true)] public class Parent; public sealed class Product : Parent { public int Stock { get; set; } }")]
    public async Task A_type_that_is_copied_or_cannot_change_is_not_reported(string type)
    {
        using var project = Project(type, "await cache.GetOrCreateAsync(\"a\", _ => new ValueTask<Product>(default(Product)!));");
        await project.RequireAsync(Id);
    }

    [Fact]
    public async Task The_fix_makes_all_setters_of_the_type_init_only_in_every_file()
    {
        using var project = new AnalyzedProject(
            "[ImmutableObject(true)] public sealed partial class Product { public string Name { get; set; } = \"\"; public int Left { get; private set; } }",
            "public sealed partial class Product { public int Stock { get; internal set; } }",
            Reader("await cache.GetOrCreateAsync(\"a\", _ => new ValueTask<Product>(new Product { Name = \"Lamp\", Stock = 4 }));"));
        var (code, remaining) = await project.FixAsync();
        Assert.Contains("public string Name { get; init; } = \"\"; public int Left { get; private set; }", code, StringComparison.Ordinal);
        Assert.Contains("public int Stock { get; internal init; }", code, StringComparison.Ordinal);
        Assert.Empty(remaining);
    }

    [Fact]
    public async Task No_fix_is_offered_where_a_list_is_to_be_replaced()
    {
        using var project = Project("[ImmutableObject(true)] public sealed record Product(List<int> Sizes);", "unstale.TryGet<Product>(\"a\", out _);");
        Assert.Empty(await project.OfferedAsync());
    }

    private static AnalyzedProject Project(string type, string call) => new(
        type, "public sealed class Maker { public string Name { get; set; } = \"\"; } public abstract record Named { public string Title { get; set; } = \"\"; }", Reader(call));

    private static string Reader(string call) => $$"""
        public static class Reads
        {
            public static void Add(IServiceCollection services) => services.AddUnstale();

            private static void Other<T>(T value) => Console.WriteLine(value);

            public static async Task ReadAsync(HybridCache cache, UnstaleCache unstale, QueryCache queries, Product product)
            {
                await Task.Yield();
                {{call}}
            }
        }
        """;
}
