using System.Collections.Immutable;
using System.ComponentModel;
using System.Data.Common;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Unstale.Tests.Documentation;

/// <summary>Examples of docs/analyzers.md: a comment at the end of a line names the rule that reports the line.</summary>
internal sealed class AnalyzersExample(IInvalidator invalidator, HybridCache cache)
{
    public static void Register(IServiceCollection services)
    {
        services.AddUnstale();
    }

    public async Task RenameBeforeTheCommitAsync(DbCommand update, int id, CancellationToken token)
    {
        await invalidator.ChangedAsync("product", id, cancellationToken: token); // UNSTALE001
        await update.ExecuteNonQueryAsync(token);
    }

    public async Task RenameAsync(DbCommand update, int id, CancellationToken token)
    {
        await update.ExecuteNonQueryAsync(token);
        await invalidator.ChangedAsync("product", id, cancellationToken: token);
    }

    public ValueTask<decimal> PriceAsync(int id, CancellationToken token) =>
        cache.GetOrCreateAsync($"price:{id}", _ => new ValueTask<decimal>(id), tags: [$"product:{id}"], cancellationToken: token);

    public async Task RemoveOtherPriceAsync(int id, CancellationToken token)
    {
        await cache.RemoveByTagAsync($"prodcut:{id}", token); // UNSTALE002
    }

    public async Task RemovePriceAsync(int id, CancellationToken token)
    {
        await cache.RemoveByTagAsync($"product:{id}", token);
    }

    public ValueTask<MutableProduct> MutableProductAsync(int id, CancellationToken token) =>
        cache.GetOrCreateAsync($"mutable:{id}", _ => new ValueTask<MutableProduct>(new MutableProduct("Lamp", [])), cancellationToken: token); // UNSTALE003

    public ValueTask<Product> ProductAsync(int id, CancellationToken token) =>
        cache.GetOrCreateAsync($"product:{id}", _ => new ValueTask<Product>(new Product("Lamp", [])), cancellationToken: token);

    public async Task RemoveSearchesOfMoreThanTheTextAsync(string text, CancellationToken token)
    {
        await invalidator.InvalidatePatternAsync(new GlobPattern($"search:{text}:*"), cancellationToken: token); // UNSTALE004
    }

    public async Task RemoveSearchesAsync(string text, CancellationToken token)
    {
        await invalidator.InvalidatePatternAsync(new GlobPattern($"search:{GlobPattern.Escape(text)}:*"), cancellationToken: token);
    }

    public async Task SaveWithoutInvalidationAsync(DbCommand update, CancellationToken token)
    {
        using var scope = invalidator.BeginScope(); // UNSTALE006
        await invalidator.InvalidateTagAsync("product", cancellationToken: token);
        await update.ExecuteNonQueryAsync(token);
    }

    public async Task SaveAsync(DbCommand update, CancellationToken token)
    {
        using var scope = invalidator.BeginScope();
        await invalidator.InvalidateTagAsync("product", cancellationToken: token);
        await update.ExecuteNonQueryAsync(token);
        await scope.CompleteAsync(token);
    }

    [ImmutableObject(true)]
    public sealed record MutableProduct(string Name, List<string> Labels)
    {
        public decimal Price { get; set; }
    }

    [ImmutableObject(true)]
    public sealed record Product(string Name, ImmutableArray<string> Labels)
    {
        public decimal Price { get; init; }
    }
}
