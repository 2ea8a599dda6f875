using Xunit;

namespace Unstale.IntegrationTests.Support;

/// <summary>Tests that measure milliseconds, or the memory of the whole process, so no test runs beside another.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class AloneCollection;
