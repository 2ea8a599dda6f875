using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Unstale.Boundary;
using Unstale.Remote;
using Unstale.Telemetry;
using Unstale.Values;

namespace Unstale.Hosting;

/// <summary>Rejects registrations that give an application another cache than the expected one, and logs harmless registrations.</summary>
internal sealed class RegistrationReview(
    IServiceProvider services, RegisteredServices registered, IEnumerable<CacheRegistration> caches, IOptionsMonitor<UnstaleOptions> options)
{
    private readonly CacheRegistration[] _caches = [.. caches];
    private readonly Lock _gate = new();
    private bool _isDone;

    private IEnumerable<string> Names => _caches.Select(static cache => cache.Name).Distinct(StringComparer.Ordinal);

    /// <summary>Checks the registrations before the first cache is created. Every call throws until all registrations are valid.</summary>
    /// <exception cref="InvalidOperationException">A registration is invalid.</exception>
    public void Require()
    {
        lock (_gate)
        {
            if (_isDone)
                return;
            RequireOneMeaning();
            RequireCachesOfOptions();
            foreach (var (cache, key) in HybridCaches())
                RequireOwn(cache, key);
            LogHarmless();
            _isDone = true;
        }
    }

    /// <summary>Resolves <see cref="HybridCache"/> and checks its type, which a factory may have hidden from <see cref="Require"/>.</summary>
    /// <exception cref="InvalidOperationException">
    /// The service is not a cache of this library, and the options of the cache do not allow another; or options are configured for a log that no
    /// cache uses.
    /// </exception>
    public void RequireResolved()
    {
        using var scope = services.CreateScope();
        foreach (var (cache, key) in HybridCaches().Where(entry => !options.Get(entry.Cache).AllowOtherHybridCache))
        {
            var resolved = key is null ? scope.ServiceProvider.GetService<HybridCache>() : scope.ServiceProvider.GetKeyedService<HybridCache>(key);
            if (resolved is not (null or UnstaleCache))
                throw Errors.OtherHybridCache(cache, key, resolved.GetType());
        }

        RequireLogsInUse();
    }

    /// <summary>Returns the services that must be caches of this library: one for each name, and the one without a key.</summary>
    private IEnumerable<(string Cache, string? Key)> HybridCaches()
    {
        foreach (var name in Names)
            yield return (name, name);
        if (registered.Last(typeof(UnstaleCache), key: null) is { } unkeyed && IsOwn(unkeyed))
            yield return (CacheFactory.DefaultName, null);
    }

    private static bool IsOwn(ServiceDescriptor descriptor) => RegisteredServices.ImplementationOf(descriptor)?.Assembly == typeof(UnstaleCache).Assembly;

    private void RequireOwn(string cache, string? key)
    {
        if (registered.Last(typeof(HybridCache), key) is not { } last || IsOwn(last) || RegisteredServices.ImplementationOf(last) is not { } maker)
            return;
        if (options.Get(cache).AllowOtherHybridCache)
            Logger.OtherHybridCacheAllowed(cache, maker.Name);
        else if (!RegisteredServices.HasFactory(last) || RegisteredServices.IsMicrosoftsHybridCache(last))
            throw Errors.OtherHybridCache(cache, key, maker);
    }

    private void RequireOneMeaning()
    {
        foreach (var cache in _caches.GroupBy(static cache => cache.Name, StringComparer.Ordinal))
        {
            var calls = cache.ToArray();
            for (var i = 1; i < calls.Length; i++)
            {
                for (var earlier = 0; earlier < i; earlier++)
                {
                    if (calls[earlier].ContradictionTo(calls[i]) is var (setting, first, second))
                        throw Errors.CacheAddedTwice(cache.Key, setting, first, second);
                }
            }
        }
    }

    private void RequireCachesOfOptions()
    {
        foreach (var configured in services.GetServices<IConfigureOptions<UnstaleOptions>>())
        {
            if (configured is ConfigureNamedOptions<UnstaleOptions> { Name: { } name } && !Names.Contains(name, StringComparer.Ordinal))
                throw Errors.OptionsOfNoCache(name, Names);
        }
    }

    private void RequireLogsInUse()
    {
        var inUse = Names.Select(name => options.Get(name).Log).Distinct(StringComparer.Ordinal).ToList();
        foreach (var configured in services.GetServices<IConfigureOptions<InvalidationLogOptions>>())
        {
            string[] logs = configured switch
            {
                ConfiguredLogs section => [.. section.Names],
                ConfigureNamedOptions<InvalidationLogOptions> { Name: { } name } => [name],
                _ => [],
            };
            if (Array.Find(logs, log => !inUse.Contains(log, StringComparer.Ordinal)) is { } unused)
                throw Errors.OptionsOfNoLog(unused, inUse);
        }
    }

    private void LogHarmless()
    {
        foreach (var cache in services.GetServices<ReplacedHybridCache>().Select(static replaced => replaced.Cache).Distinct(StringComparer.Ordinal))
            Logger.HybridCacheReplaced(cache);
        if (registered.Last(typeof(IDistributedCache), key: null) is { } ignored
            && RegisteredServices.ImplementationOf(ignored) is { } maker && maker != typeof(MemoryDistributedCache) && maker.Assembly != typeof(UnstaleCache).Assembly
            && !Names.Any(name => registered.Last(typeof(IRemoteStore), name) is not null))
            Logger.DistributedCacheIgnored(maker.Name);
    }

    private GuardedLogger Logger => field ??= GuardedLogger.For<UnstaleCache>(services);
}
