using Microsoft.CodeAnalysis;
using Xunit;

namespace Unstale.Tests.Analyzers;

/// <summary>UNSTALE005: a program that uses HybridCache and never calls AddUnstale.</summary>
public sealed class MissingRegistrationTests
{
    private const string Id = "UNSTALE005";
    private const string Constructor = "public sealed class Prices(HybridCache [|cache|]) { public HybridCache Cache => cache; }";

    [Theory]
    [InlineData(Constructor)]
    [InlineData("public sealed class Prices { public Prices(string name, HybridCache [|cache|]) => Console.WriteLine(name + cache); }")]
    [InlineData("public static class Routes { static void MapGet(string route, Delegate handler) { } public static void Add() => MapGet(\"/\", (string id, HybridCache [|cache|]) => id); }")]
    [InlineData("public static class Uses { public static object Of(IServiceProvider services) => [|services.GetRequiredService<HybridCache>()|]; }")]
    [InlineData("public static class Uses { public static object? Of(IServiceProvider services) => [|services.GetService<HybridCache>()|]; }")]
    [InlineData("public static class Uses { public static void Add(IServiceCollection services) => [|services.AddHybridCache()|]; } public sealed class Prices(HybridCache cache) { public HybridCache Cache => cache; }")]
    public async Task A_HybridCache_without_AddUnstale_is_reported(string code)
    {
        using var project = new AnalyzedProject(code);
        await project.RequireAsync(Id);
    }

    [Theory]
    [InlineData("services.AddUnstale()")]
    [InlineData("services.AddUnstale(\"orders\")")]
    [InlineData("services.AddKeyedUnstale(4)")]
    [InlineData("services.AddUnstale(options => options.MaximumEntries = 1)")]
    [InlineData("services.AddSingleton<HybridCache>(static _ => null!)")]
    [InlineData("UnstaleServiceCollectionExtensions.AddUnstale(services)")]
    public async Task A_program_with_a_registration_is_not_reported(string call)
    {
        using var project = new AnalyzedProject(
            Constructor.Replace("[|cache|]", "cache", StringComparison.Ordinal),
            $"public static class Uses {{ public static void Add(IServiceCollection services) => {call}; }}");
        await project.RequireAsync(Id);
    }

    [Theory]
    [InlineData("services.AddHybridCache(); services.AddUnstale();")]
    [InlineData("services.AddUnstale(); services.AddHybridCache();")]
    public async Task AddHybridCache_beside_AddUnstale_is_not_reported_in_either_order(string calls)
    {
        using var project = new AnalyzedProject($"public static class Uses {{ public static void Add(IServiceCollection services) {{ {calls} }} }}");
        await project.RequireAsync(Id);
        Assert.IsType<UnstaleCache>(ResolvedInEitherOrder(calls.StartsWith("services.AddUnstale", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("public sealed class Wrapper(HybridCache inner) : Inner(inner); public abstract class Inner(HybridCache inner) { public object Value => inner; }", 1)]
    [InlineData("public sealed class Keyed([FromKeyedServices(\"orders\")] HybridCache cache) { public HybridCache Cache => cache; }", 0)]
    [InlineData("public sealed class Own(UnstaleCache cache) { public HybridCache Cache => cache; }", 0)]
    [InlineData("public static class Helper { public static object Of(HybridCache cache) => cache; public static Func<HybridCache, object> Later => cache => cache; }", 0)]
    public async Task Only_a_place_that_receives_the_service_is_reported(string code, int count)
    {
        using var project = new AnalyzedProject(code);
        Assert.Equal(count, (await project.FindAsync()).Count);
    }

    [Fact]
    public async Task A_library_is_not_reported()
    {
        using var project = new AnalyzedProject(OutputKind.DynamicallyLinkedLibrary, [], Constructor.Replace("[|cache|]", "cache", StringComparison.Ordinal));
        await project.RequireAsync(Id);
    }

    [Fact]
    public async Task A_program_whose_other_project_may_register_the_cache_is_not_reported()
    {
        var other = AnalyzedProject.Library("Infrastructure", "public static class Setup { public static void AddCaches(this IServiceCollection services) => services.AddUnstale(); }");
        using var project = new AnalyzedProject(OutputKind.ConsoleApplication, [other], Constructor.Replace("[|cache|]", "cache", StringComparison.Ordinal));
        await project.RequireAsync(Id);
    }

    [Theory]
    [InlineData(Constructor, "'Prices' receives a HybridCache, but this program never calls AddUnstale. Call services.AddUnstale().")]
    [InlineData(
        "public static class Uses { public static void Add(IServiceCollection services) => services.AddHybridCache(); }",
        "'AddHybridCache' registers a cache that no invalidation of the log reaches, but this program never calls AddUnstale. Call services.AddUnstale() instead.")]
    public async Task The_message_names_the_place_and_the_call(string code, string message)
    {
        using var project = new AnalyzedProject(code);
        Assert.Equal(message, Assert.Single(await project.FindAsync()).GetMessage(null));
    }

    [Theory]
    [InlineData("services.AddHybridCache()", "services.AddUnstale()")]
    [InlineData("services.AddHybridCache(o => o.MaximumPayloadBytes = 4).AddSerializerFactory(null!)", "services.AddUnstale(o => o.MaximumPayloadBytes = 4).AddSerializerFactory(null!)")]
    [InlineData("services.AddKeyedHybridCache(4)", "services.AddKeyedUnstale(4)")]
    public async Task The_fix_calls_AddUnstale(string call, string replaced)
    {
        using var project = new AnalyzedProject($"public static class Uses {{ public static void Add(IServiceCollection services) => {call}; }}");
        var (code, remaining) = await project.FixAsync();
        Assert.Contains(replaced, code, StringComparison.Ordinal);
        Assert.Empty(remaining);
    }

    private static Microsoft.Extensions.Caching.Hybrid.HybridCache ResolvedInEitherOrder(bool unstaleFirst)
    {
        var services = new Microsoft.Extensions.DependencyInjection.ServiceCollection();
        if (unstaleFirst)
            Microsoft.Extensions.DependencyInjection.UnstaleServiceCollectionExtensions.AddUnstale(services);
        Microsoft.Extensions.DependencyInjection.HybridCacheServiceExtensions.AddHybridCache(services);
        if (!unstaleFirst)
            Microsoft.Extensions.DependencyInjection.UnstaleServiceCollectionExtensions.AddUnstale(services);
        return Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.GetRequiredService<Microsoft.Extensions.Caching.Hybrid.HybridCache>(
            Microsoft.Extensions.DependencyInjection.ServiceCollectionContainerBuilderExtensions.BuildServiceProvider(services));
    }
}
