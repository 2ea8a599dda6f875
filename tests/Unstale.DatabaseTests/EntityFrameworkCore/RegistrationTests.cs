using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Unstale.EntityFrameworkCore;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore;

public sealed class RegistrationTests
{
    [Fact]
    public void A_context_finds_the_cache_of_its_services()
    {
        using var services = Services(static options => options.UseSqlite("Data Source=:memory:").UseUnstale());
        using var scope = services.CreateScope();
        Assert.Same(services.GetRequiredService<UnstaleCache>(), ContextCache.Of(scope.ServiceProvider.GetRequiredService<EmptyContext>()));
    }

    [Fact]
    public void A_context_without_a_provider_is_refused()
    {
        using var services = Services(static options => options.UseUnstale());
        using var scope = services.CreateScope();
        var refused = Assert.Throws<InvalidOperationException>(() => scope.ServiceProvider.GetRequiredService<EmptyContext>().Model);
        Assert.Contains("Call UseUnstale after the provider", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AddDbContext")]
    [InlineData("AddDbContextPool")]
    [InlineData("AddDbContextFactory")]
    [InlineData("AddPooledDbContextFactory")]
    public async Task A_registered_context_is_connected(string registration)
    {
        var services = new ServiceCollection();
        var options = static (DbContextOptionsBuilder options) => { options.UseSqlite("Data Source=:memory:"); };
        _ = registration switch
        {
            "AddDbContext" => services.AddDbContext<EmptyContext>(options),
            "AddDbContextPool" => services.AddDbContextPool<EmptyContext>(options),
            "AddDbContextFactory" => services.AddDbContextFactory<EmptyContext>(options),
            _ => services.AddPooledDbContextFactory<EmptyContext>(options),
        };
        services.AddUnstale().UseEntityFrameworkCore<EmptyContext>();
        await using var provider = services.BuildServiceProvider();
        await using var scope = provider.CreateAsyncScope();
        var context = scope.ServiceProvider.GetService<EmptyContext>() ?? scope.ServiceProvider.GetRequiredService<IDbContextFactory<EmptyContext>>().CreateDbContext();
        Assert.Same(provider.GetRequiredService<UnstaleCache>(), ContextCache.Of(context));
    }

    [Fact]
    public async Task A_context_is_connected_with_a_named_cache()
    {
        var services = new ServiceCollection();
        services.AddDbContext<EmptyContext>(static options => options.UseSqlite("Data Source=:memory:"));
        services.AddUnstale();
        services.AddUnstale("orders").UseEntityFrameworkCore<EmptyContext>();
        await using var provider = services.BuildServiceProvider();
        await using var scope = provider.CreateAsyncScope();
        Assert.Equal("orders", ContextCache.Of(scope.ServiceProvider.GetRequiredService<EmptyContext>()).Name);
    }

    [Fact]
    public void A_context_that_is_not_registered_yet_is_refused()
    {
        var refused = Assert.Throws<InvalidOperationException>(static () => new ServiceCollection().AddUnstale().UseEntityFrameworkCore<EmptyContext>());
        Assert.StartsWith("UseEntityFrameworkCore<EmptyContext> found no registration of EmptyContext. Call AddDbContext<EmptyContext>", refused.Message, StringComparison.Ordinal);
    }

    private static ServiceProvider Services(Action<DbContextOptionsBuilder> options)
    {
        var services = new ServiceCollection();
        services.AddUnstale();
        services.AddDbContext<EmptyContext>(options);
        return services.BuildServiceProvider();
    }

    private sealed class EmptyContext(DbContextOptions<EmptyContext> options) : DbContext(options);
}
