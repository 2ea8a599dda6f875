using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Unstale.Tests.Documentation;

/// <summary>Example of docs/analyzers.md for a program that never calls AddUnstale.</summary>
internal sealed class AnalyzersRegistrationExample(HybridCache cache)
{
    public HybridCache Cache => cache;

    public static void Register(IServiceCollection services)
    {
        services.AddHybridCache(); // UNSTALE005
    }
}
