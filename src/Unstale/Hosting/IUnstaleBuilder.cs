namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Builder for the services of one cache.</summary>
public interface IUnstaleBuilder
{
    /// <summary>Service collection of the application.</summary>
    IServiceCollection Services { get; }

    /// <summary>Name of the cache.</summary>
    string Name { get; }
}
