using Shop;
using Shop.Worker;

const string Who = "worker";

var builder = WebApplication.CreateBuilder(args);
if (!await builder.HasSettingsAsync(Who))
    return 1;

builder.AddWorker();
await using var app = builder.Build();
app.MapWorker();
if (!await app.PrepareAsync(Who) || !await app.ListenAsync(Who))
    return 1;

await app.WaitForShutdownAsync();
return 0;
