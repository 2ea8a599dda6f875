using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Unstale.EntityFrameworkCore.Writes;

/// <summary>Services that observe the writes of a context.</summary>
internal static class WriteServices
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<IInterceptor, TransactionEvents>();
        services.AddScoped<ContextWrites>();
        services.Decorate<IRawSqlCommandBuilder>(static (_, inner) => new RawSqlCommands(inner));
        services.Decorate<IQueryContextFactory>(static (provider, inner) =>
            new FollowedQueries(inner, provider.GetRequiredService<ICurrentDbContext>(), provider.GetRequiredService<IRelationalConnection>()));
    }
}
