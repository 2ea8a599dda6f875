using Microsoft.Extensions.DependencyInjection;
using Unstale;

await using var services = new ServiceCollection().AddUnstale().Services.BuildServiceProvider();
var cache = services.GetRequiredService<UnstaleCache>();            // or HybridCache: it is one
var invalidator = services.GetRequiredService<IInvalidator>();
var prices = new Dictionary<int, decimal> { [4] = 34.95m };         // the source of truth

// Read: the factory runs once, however many callers wait; the tags name the rows from which the value is made.
ValueTask<decimal> PriceAsync(int id) => cache.GetOrCreateAsync(
    $"price:{id}", (prices, id), static (source, _) => new ValueTask<decimal>(source.prices[source.id]), tags: [$"product:{id}"]);

Console.WriteLine(await PriceAsync(4));                             // 34.95, from the source
Console.WriteLine(await PriceAsync(4));                             // 34.95, from memory

// Write: commit first, then report the change. From here on, no read on this node returns the old price.
prices[4] = 29.95m;
var receipt = await invalidator.ChangedAsync("product", 4, fields: ["price"]);
Console.WriteLine(await PriceAsync(4));                             // 29.95

Console.WriteLine($"{receipt.State} at {receipt.Position}");        // Applied at 0-<generation>-1
