using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Architecture;

/// <summary>Folders and numbers of the public types of all packages. All other folders are internal.</summary>
public sealed class PublicFaceTests
{
    private const int Total = 147;

    /// <summary>Maximum number of files in the root of the engine. Related types in one file, and parts of one type, count once.</summary>
    private const int RootFiles = 43;

    /// <summary>Maximum number of public types in each folder with public types.</summary>
    private static readonly Dictionary<string, Dictionary<string, int>> Limits = new(StringComparer.Ordinal)
    {
        ["Unstale"] = new(StringComparer.Ordinal) { [ProductType.Root] = 56, ["Hosting"] = 3, ["Log"] = 5, ["Queries"] = 19, ["Rules"] = 12, ["Sinks"] = 5 },
        [ProductAssemblies.Analyzers] = new(StringComparer.Ordinal),
        ["Unstale.AspNetCore"] = new(StringComparer.Ordinal) { [ProductType.Root] = 2, ["Hosting"] = 2 },
        ["Unstale.EntityFrameworkCore"] = new(StringComparer.Ordinal) { [ProductType.Root] = 2, ["Hosting"] = 4 },
        ["Unstale.MemoryPack"] = new(StringComparer.Ordinal) { ["Hosting"] = 1 },
        ["Unstale.MessagePack"] = new(StringComparer.Ordinal) { ["Hosting"] = 1 },
        ["Unstale.OpenTelemetry"] = new(StringComparer.Ordinal) { ["Hosting"] = 2 },
        ["Unstale.PostgreSql"] = new(StringComparer.Ordinal) { [ProductType.Root] = 7, ["Hosting"] = 3 },
        ["Unstale.ProtobufNet"] = new(StringComparer.Ordinal) { ["Hosting"] = 1 },
        ["Unstale.Redis"] = new(StringComparer.Ordinal) { [ProductType.Root] = 1, ["Channel"] = 17, ["Hosting"] = 4 },
    };

    public static TheoryData<string> Projects => [.. Limits.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Public_types_lie_in_the_folders_of_the_public_face_only(string project) => Assert.Equal(
        Limits[project].Keys.Order(StringComparer.Ordinal),
        ProductAssemblies.Of(project).Public.Select(static type => type.Folder).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_folder_has_no_more_public_types_than_its_limit(string project) => Assert.DoesNotContain(
        ProductAssemblies.Of(project).Public.GroupBy(static type => type.Folder, StringComparer.Ordinal),
        folder => folder.Count() > Limits[project][folder.Key]);

    [Fact]
    public void All_packages_together_have_at_most_147_public_types() =>
        Assert.InRange(Limits.Keys.Sum(static project => ProductAssemblies.Of(project).Public.Count), 1, Total);

    [Fact]
    public void The_root_of_the_engine_has_at_most_43_files() => Assert.InRange(
        Directory.GetFiles(Path.Combine(Repository.Root, "src", "Unstale"), "*.cs").Select(static file => Path.GetFileName(file).Split('.')[0]).Distinct(StringComparer.Ordinal).Count(),
        1,
        RootFiles);

    [Fact]
    public void The_public_types_of_the_log_are_those_that_a_record_is_read_through() =>
        Assert.Equal(
            ["InvalidationRecord", "InvalidationTarget", "RecordFlags", "RecordOrigin", "TargetKind"],
            typeof(UnstaleCache).Assembly.GetExportedTypes().Where(static type => type.Namespace == "Unstale.Log").Select(static type => type.Name).Order(StringComparer.Ordinal));
}
