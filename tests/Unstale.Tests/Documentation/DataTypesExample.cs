using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Unstale.Tests.Documentation;

public sealed class DataTypesExample
{
    [Theory]
    [InlineData("user_profile:1", 3600)]
    [InlineData("product_list", 300)]
    [InlineData("stock_count:1", 30)]
    [InlineData("feature_flags", 60)]
    [InlineData("stock_counter:1", 300)]
    public async Task A_key_has_the_lifetime_of_its_data_type(string key, int seconds)
    {
        await using var test = new CacheUnderTest(services: AddCaches);
        await test.Cache.SetAsync(key, 1, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(TimeSpan.FromSeconds(seconds), test.Cache.Inspect(key)!.ExpiresIn);
    }

    [Theory]
    [InlineData("usd", 10)]
    [InlineData("stock_count:usd", 30)]
    public async Task A_value_of_another_key_has_the_lifetime_of_its_type(string key, int seconds)
    {
        await using var test = new CacheUnderTest(services: AddCaches);
        await test.Cache.SetAsync(key, new ExchangeRate(1.08m), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(TimeSpan.FromSeconds(seconds), test.Cache.Inspect(key)!.ExpiresIn);
    }

    private static void AddCaches(IServiceCollection services)
    {
        services.AddUnstale(o =>
        {
            o.DefaultExpiration = TimeSpan.FromSeconds(300);
            o.DataTypes["user_profile"] = new() { Expiration = TimeSpan.FromSeconds(3600) };
            o.DataTypes["product_list"] = new() { Expiration = TimeSpan.FromSeconds(300), FreshFor = TimeSpan.FromSeconds(240) };
            o.DataTypes["stock_count"] = new() { Expiration = TimeSpan.FromSeconds(30) };
            o.DataTypes["feature_flags"] = new() { Expiration = TimeSpan.FromSeconds(60) };
            o.AddEntryOptions<ExchangeRate>(new() { Expiration = TimeSpan.FromSeconds(10) });
        });
    }

    private sealed record ExchangeRate(decimal Value);
}
