using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Unstale.Hosting;

/// <summary>The collection that the services are built from: shows what was registered after <c>AddUnstale</c> too.</summary>
internal sealed class RegisteredServices(IServiceCollection services)
{
    private const string MicrosoftHybridCache = "Microsoft.Extensions.Caching.Hybrid";

    /// <summary>The one for this collection, registered as a service.</summary>
    public static void AddTo(IServiceCollection services)
    {
        if (!services.Any(static d => d.ServiceType == typeof(RegisteredServices)))
            services.AddSingleton(new RegisteredServices(services));
    }

    /// <summary>True if the registration is that of <c>AddHybridCache</c> or <c>AddKeyedHybridCache</c>.</summary>
    public static bool IsMicrosoftsHybridCache(ServiceDescriptor descriptor) =>
        descriptor.ServiceType == typeof(HybridCache) && MakerOf(descriptor)?.Assembly.GetName().Name == MicrosoftHybridCache;

    /// <summary>The registration that a service is resolved from: the last one.</summary>
    public ServiceDescriptor? Last(Type service, object? key) =>
        services.LastOrDefault(d => d.ServiceType == service && Equals(d.ServiceKey, key));

    /// <summary>The type that a registration makes, or the type that holds its factory.</summary>
    public static Type? MakerOf(ServiceDescriptor descriptor) => descriptor.IsKeyedService
        ? descriptor.KeyedImplementationType ?? descriptor.KeyedImplementationInstance?.GetType() ?? descriptor.KeyedImplementationFactory?.Method.DeclaringType
        : descriptor.ImplementationType ?? descriptor.ImplementationInstance?.GetType() ?? descriptor.ImplementationFactory?.Method.DeclaringType;

    /// <summary>True if the registration has a factory, so that only resolving it shows what it makes.</summary>
    public static bool HasFactory(ServiceDescriptor descriptor) => descriptor.IsKeyedService
        ? descriptor.KeyedImplementationFactory is not null
        : descriptor.ImplementationFactory is not null;
}
