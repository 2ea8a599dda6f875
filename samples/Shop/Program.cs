using Shop;

if (args is ["demo"])
    return await Demo.RunAsync();

var builder = WebApplication.CreateBuilder(args);
if (!await builder.HasSettingsAsync())
    return 1;

builder.AddShop();
await using var app = builder.Build();
app.MapShop();
if (!await app.PrepareAsync() || !await app.ListenAsync())
    return 1;

await app.WaitForShutdownAsync();
return 0;
