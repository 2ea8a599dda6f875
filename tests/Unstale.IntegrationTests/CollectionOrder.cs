using Unstale.IntegrationTests;
using Unstale.IntegrationTests.Packaging;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Redis.Cluster;
using Unstale.IntegrationTests.Redis.Topologies;
using Unstale.IntegrationTests.Shop;
using Unstale.IntegrationTests.Site;
using Unstale.Tests.Support;
using Xunit;

[assembly: TestCollectionOrderer<CollectionOrder>]

namespace Unstale.IntegrationTests;

/// <summary>Collections that run for more than 50 seconds, including the preparation of their fixtures.</summary>
public sealed class CollectionOrder() : LongestFirst(
    typeof(PackagingCollection), typeof(Redis.Topologies.ClusterTests), typeof(PostgresCollection), typeof(FailbackTests), typeof(PageTests), typeof(SiteTests),
    typeof(PartitionedClusterTests), typeof(SentinelTests), typeof(ServerFaultTests), typeof(ForeignKeyTests));
