using Shop;

var builder = WebApplication.CreateBuilder(args);
builder.AddShop();
await using var app = builder.Build();
app.MapShop();
if (!await app.PrepareAsync())
{
    return 1;
}

await app.RunAsync();
return 0;
