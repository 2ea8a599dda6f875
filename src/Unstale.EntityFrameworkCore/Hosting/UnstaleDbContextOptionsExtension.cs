using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Unstale.EntityFrameworkCore.Reads;
using Unstale.EntityFrameworkCore.Writes;

namespace Unstale.EntityFrameworkCore.Hosting;

/// <summary>
/// Extension of the options of a context. Decorates the services of the provider, which are shared by all contexts with equal options: the cache is no part
/// of them, and is found by each operation through its context.
/// </summary>
/// <param name="cache">Finds the cache; called by the first operation of a context.</param>
internal sealed class UnstaleDbContextOptionsExtension(Func<IServiceProvider?, UnstaleCache> cache) : IDbContextOptionsExtension
{
    public DbContextOptionsExtensionInfo Info => field ??= new ExtensionInfo(this);

    /// <summary>Returns the cache of a context.</summary>
    /// <param name="applicationServices">Services of the application, if the context was created by them.</param>
    public UnstaleCache CacheOf(IServiceProvider? applicationServices) => cache(applicationServices);

    public void ApplyServices(IServiceCollection services)
    {
        Decorate<IDatabase>(services, static (_, inner) => new RecordingDatabase(inner));
        Decorate<IQueryTranslationPostprocessorFactory>(
            services,
            static (provider, inner) => new PlanReaderFactory(
                inner,
                provider.GetRequiredService<QueryTranslationPostprocessorDependencies>(),
                provider.GetRequiredService<IDatabaseProvider>(),
                provider.GetRequiredService<IDesignTimeModel>()));
        WriteServices.Add(services);
    }

    public void Validate(IDbContextOptions options)
    {
    }

    internal static void Decorate<TService>(IServiceCollection services, Func<IServiceProvider, TService, TService> wrap)
        where TService : class
    {
        var inner = services.LastOrDefault(static service => service.ServiceType == typeof(TService)) ?? throw Errors.NoProvider();
        services.Remove(inner);
        services.Add(new ServiceDescriptor(
            typeof(TService),
            provider => wrap(provider, (TService)(inner.ImplementationFactory?.Invoke(provider) ?? ActivatorUtilities.CreateInstance(provider, inner.ImplementationType!))),
            inner.Lifetime));
    }

    private sealed class ExtensionInfo(IDbContextOptionsExtension extension) : DbContextOptionsExtensionInfo(extension)
    {
        public override bool IsDatabaseProvider => false;

        public override string LogFragment => "using Unstale ";

        public override int GetServiceProviderHashCode() => 1;

        public override bool ShouldUseSameServiceProvider(DbContextOptionsExtensionInfo other) => other is ExtensionInfo;

        public override void PopulateDebugInfo(IDictionary<string, string> debugInfo) => debugInfo["Unstale"] = "1";
    }
}
