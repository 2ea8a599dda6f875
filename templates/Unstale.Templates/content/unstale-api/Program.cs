using Unstale;
using UnstaleApi;

var builder = WebApplication.CreateBuilder(args);
#if (redis)
builder.AddUnstale("redis");                            // the connection string is in appsettings.json
#else
builder.Services.AddUnstale();
#endif
builder.Services.AddHealthChecks().AddUnstale();
builder.Services.AddSingleton<ProductTable>();
var app = builder.Build();

// Read: the query runs only if the cache has no valid value. The tag names the row from which the value is made.
app.MapGet("/products/{id:int}", async (int id, ProductTable products, UnstaleCache cache, CancellationToken stop) =>
    await cache.GetOrCreateAsync($"product:{id}", load => products.FindAsync(id, load), tags: [$"product:{id}"], cancellationToken: stop)
        is { } product ? Results.Ok(product) : Results.NotFound());

// Write: commit first, then report the change. When the call has returned, no read on this node returns the old price.
app.MapPut("/products/{id:int}", async (int id, decimal price, ProductTable products, IInvalidator invalidator) =>
{
    if (!products.SetPrice(id, price))
        return Results.NotFound();
    await invalidator.ChangedAsync("product", id, fields: ["price"]);
    return Results.NoContent();
});

// Reports Degraded, with status 200, while the cache cannot confirm its values and reads are served from the source.
app.MapHealthChecks("/health");

app.Run();
