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

    private static ServiceProvider Services(Action<DbContextOptionsBuilder> options)
    {
        var services = new ServiceCollection();
        services.AddUnstale();
        services.AddDbContext<EmptyContext>(options);
        return services.BuildServiceProvider();
    }

    private sealed class EmptyContext(DbContextOptions<EmptyContext> options) : DbContext(options);
}
