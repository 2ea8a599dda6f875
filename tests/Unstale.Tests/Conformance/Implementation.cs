namespace Unstale.Tests.Conformance;

/// <summary>Implementation of HybridCache under test, named by the call that registers it.</summary>
public enum Implementation
{
    /// <summary>Microsoft's, of the package Microsoft.Extensions.Caching.Hybrid.</summary>
    AddHybridCache,

    /// <summary>This library's.</summary>
    AddUnstale,
}
