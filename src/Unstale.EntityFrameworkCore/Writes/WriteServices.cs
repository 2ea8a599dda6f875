using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Unstale.EntityFrameworkCore.Hosting;

namespace Unstale.EntityFrameworkCore.Writes;

/// <summary>Services that observe the writes of a context.</summary>
internal static class WriteServices
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<IInterceptor, TransactionEvents>();
        services.AddScoped<ContextWrites>();
        UnstaleDbContextOptionsExtension.Decorate<IRawSqlCommandBuilder>(services, static (_, inner) => new RawSqlCommands(inner));
        UnstaleDbContextOptionsExtension.Decorate<IQueryContextFactory>(services, static (provider, inner) =>
            new FollowedQueries(inner, provider.GetRequiredService<ICurrentDbContext>(), provider.GetRequiredService<IRelationalConnection>()));
    }
}
