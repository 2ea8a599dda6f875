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
        services.Remove(inner);
        services.Add(new ServiceDescriptor(
            typeof(TService),
            provider => wrap(provider, (TService)(inner.ImplementationFactory?.Invoke(provider) ?? ActivatorUtilities.CreateInstance(provider, inner.ImplementationType!))),
            inner.Lifetime));
    }
}
