using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Unstale.EntityFrameworkCore.AllQueries;
using Unstale.EntityFrameworkCore.Reads;
using Unstale.EntityFrameworkCore.Writes;

namespace Unstale.EntityFrameworkCore.Hosting;

/// <summary>
/// Extension of the options of a context. Decorates the services of the provider, which are shared by all contexts with equal options: the cache is no part
/// of them, and is found by each operation through its context.
/// </summary>
/// <param name="cache">Finds the cache; called by the first operation of a context.</param>
/// <param name="own">Options of the context.</param>
internal sealed class UnstaleDbContextOptionsExtension(Func<IServiceProvider?, UnstaleCache> cache, UnstaleContextOptions own) : IDbContextOptionsExtension
{
    public DbContextOptionsExtensionInfo Info => field ??= new ExtensionInfo(this);

    /// <summary>Returns the cache of a context.</summary>
    /// <param name="applicationServices">Services of the application, if the context was created by them.</param>
    private ContextCache CacheOf(IServiceProvider? applicationServices) => new(cache(applicationServices), own.Queries);

    /// <summary>Options that the decorated services depend on: whether plans are compiled for cached rows, and whether saves read old values.</summary>
    private (bool CacheRows, bool ReadOldValues) Services => (own.Queries is not null, own.ReadsOldValues);

    public void ApplyServices(IServiceCollection services)
    {
        services.AddScoped(ContextCacheOf);
        services.Decorate<IDatabase>((_, inner) => new RecordingDatabase(inner, Services.CacheRows ? new RowsDecorator() : null, Services.ReadOldValues));
        if (Services.CacheRows)
            services.AddSingleton<IInterceptor, RowsInterceptor>();
        services.Decorate<IQueryTranslationPostprocessorFactory>(static (provider, inner) => new PlanReaderFactory(
            inner,
            provider.GetRequiredService<QueryTranslationPostprocessorDependencies>(),
            provider.GetRequiredService<IDatabaseProvider>(),
            provider.GetRequiredService<IDesignTimeModel>()));
        WriteServices.Add(services);
    }

    public void Validate(IDbContextOptions options)
    {
    }

    private static ContextCache ContextCacheOf(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IDbContextOptions>();
        return options.FindExtension<UnstaleDbContextOptionsExtension>()!.CacheOf(options.FindExtension<CoreOptionsExtension>()?.ApplicationServiceProvider);
    }

    private sealed class ExtensionInfo(IDbContextOptionsExtension extension) : DbContextOptionsExtensionInfo(extension)
    {
        public override bool IsDatabaseProvider => false;

        public override string LogFragment => "using Unstale ";

        private (bool CacheRows, bool ReadOldValues) Services => ((UnstaleDbContextOptionsExtension)Extension).Services;

        public override int GetServiceProviderHashCode() => Services.GetHashCode();

        public override bool ShouldUseSameServiceProvider(DbContextOptionsExtensionInfo other) => other is ExtensionInfo info && info.Services == Services;

        public override void PopulateDebugInfo(IDictionary<string, string> debugInfo) => debugInfo["Unstale"] = "1";
    }
}
