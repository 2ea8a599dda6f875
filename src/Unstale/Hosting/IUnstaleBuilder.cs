namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Where what belongs to one cache is added.</summary>
public interface IUnstaleBuilder
{
    /// <summary>The services.</summary>
    IServiceCollection Services { get; }

    /// <summary>The name of the cache.</summary>
    string Name { get; }
}
