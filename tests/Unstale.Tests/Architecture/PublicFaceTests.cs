using Xunit;

namespace Unstale.Tests.Architecture;

/// <summary>Namespaces of the public types of the engine. All other namespaces are internal.</summary>
public sealed class PublicFaceTests
{
    private static readonly string[] Namespaces =
        ["Unstale", "Unstale.Log", "Unstale.Queries", "Unstale.Rules", "Unstale.Sinks", "Microsoft.Extensions.DependencyInjection"];

    [Fact]
    public void Public_types_lie_in_the_namespaces_of_the_public_face_only() =>
        Assert.Equal(
            Namespaces.Order(StringComparer.Ordinal),
            typeof(UnstaleCache).Assembly.GetExportedTypes().Select(static type => type.Namespace!).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    [Fact]
    public void The_public_types_of_the_log_are_those_that_a_record_is_read_through() =>
        Assert.Equal(
            ["InvalidationRecord", "InvalidationTarget", "RecordFlags", "RecordOrigin", "TargetKind"],
            typeof(UnstaleCache).Assembly.GetExportedTypes().Where(static type => type.Namespace == "Unstale.Log").Select(static type => type.Name).Order(StringComparer.Ordinal));
}
