using Microsoft.Extensions.DependencyInjection;

namespace Unstale.EntityFrameworkCore;

/// <summary>Replaces services of the database provider by objects around them.</summary>
internal static class ServiceDecoration
{
    /// <exception cref="InvalidOperationException">No provider has registered the service.</exception>
    public static void Decorate<TService>(this IServiceCollection services, Func<IServiceProvider, TService, TService> wrap)
        where TService : class
    {
        var inner = services.LastOrDefault(static service => service.ServiceType == typeof(TService)) ?? throw Errors.NoProvider();
        var create = inner.ImplementationFactory ?? FactoryOf(inner.ImplementationType!);
        services.Remove(inner);
        services.Add(new ServiceDescriptor(
            typeof(TService),
            provider => wrap(provider, (TService)create(provider)),
            inner.Lifetime));
    }

    /// <summary>Returns the constructor call of a type, compiled once: each context creates its services.</summary>
    private static Func<IServiceProvider, object> FactoryOf(Type type)
    {
        var factory = ActivatorUtilities.CreateFactory(type, []);
        return provider => factory(provider, arguments: null);
    }
}
