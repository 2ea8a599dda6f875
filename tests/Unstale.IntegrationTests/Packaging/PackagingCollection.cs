using Xunit;

namespace Unstale.IntegrationTests.Packaging;

/// <summary>Tests over the same packages, packed once.</summary>
[CollectionDefinition]
public sealed class PackagingCollection : ICollectionFixture<PackedFeed>;
