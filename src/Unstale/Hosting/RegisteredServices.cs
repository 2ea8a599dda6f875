using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Unstale.Hosting;

/// <summary>Collection from which the service provider is built, including services registered after <c>AddUnstale</c>.</summary>
internal sealed class RegisteredServices(IServiceCollection services)
{
    private const string MicrosoftHybridCache = "Microsoft.Extensions.Caching.Hybrid";

    /// <summary>Registers one instance for the collection.</summary>
    public static void AddTo(IServiceCollection services)
    {
        if (!services.Any(static d => d.ServiceType == typeof(RegisteredServices)))
            services.AddSingleton(new RegisteredServices(services));
    }

    /// <summary>Returns whether <c>AddHybridCache</c> or <c>AddKeyedHybridCache</c> made the registration.</summary>
    public static bool IsMicrosoftsHybridCache(ServiceDescriptor descriptor) =>
        descriptor.ServiceType == typeof(HybridCache) && ImplementationOf(descriptor)?.Assembly.GetName().Name == MicrosoftHybridCache;

    /// <summary>Returns the registration from which a service is resolved: the last one.</summary>
    public ServiceDescriptor? Last(Type service, object? key) =>
        services.LastOrDefault(d => d.ServiceType == service && Equals(d.ServiceKey, key));

    /// <summary>Returns the type created by a registration, or the type that declares its factory.</summary>
    public static Type? ImplementationOf(ServiceDescriptor descriptor) => descriptor.IsKeyedService
        ? descriptor.KeyedImplementationType ?? descriptor.KeyedImplementationInstance?.GetType() ?? descriptor.KeyedImplementationFactory?.Method.DeclaringType
        : descriptor.ImplementationType ?? descriptor.ImplementationInstance?.GetType() ?? descriptor.ImplementationFactory?.Method.DeclaringType;

    /// <summary>Returns whether the registration has a factory. The created type is then visible only in the resolved service.</summary>
    public static bool HasFactory(ServiceDescriptor descriptor) => descriptor.IsKeyedService
        ? descriptor.KeyedImplementationFactory is not null
        : descriptor.ImplementationFactory is not null;
}
