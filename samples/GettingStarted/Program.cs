using System.Collections.Concurrent;
using System.Globalization;
using Unstale;

var builder = WebApplication.CreateBuilder(args);
var unstale = builder.Services.AddUnstale();
if (builder.Configuration["Redis"] is { } redis)
    unstale.UseRedis(redis);                            // with --Redis=localhost:6379 this is UseRedis("localhost:6379")
var app = builder.Build();

// The source of truth: one file for each price. In an application: a database.
var folder = Directory.CreateDirectory("prices").FullName;
string FileOf(int id) => Path.Combine(folder, $"{id}.txt");
var loads = new ConcurrentDictionary<int, int>();

async ValueTask<string> LoadAsync(int id, CancellationToken stop)
{
    var price = File.Exists(FileOf(id)) ? await File.ReadAllTextAsync(FileOf(id), stop) : "34.95";
    return $"{price}, load {loads.AddOrUpdate(id, 1, (_, count) => count + 1)} of {app.Urls.First()}";
}

// Read: the factory runs only if neither memory nor Redis has a valid value. The tag names the row from which the value is made.
app.MapGet("/prices/{id:int}", async (int id, UnstaleCache cache, CancellationToken stop) => new
{
    product = id,
    price = await cache.GetOrCreateAsync($"price:{id}", load => LoadAsync(id, load), tags: [$"product:{id}"], cancellationToken: stop),
});

// Write: commit first, then report the change and return.
app.MapPut("/prices/{id:int}", async (int id, decimal price, IInvalidator invalidator) =>
{
    await File.WriteAllTextAsync(FileOf(id), price.ToString(CultureInfo.InvariantCulture));
    var receipt = await invalidator.ChangedAsync("product", id, fields: ["price"]);
    return new { state = receipt.State.ToString() };
});

app.Run();
