using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;
using Repository = Unstale.Tests.Support.Repository;

namespace Unstale.IntegrationTests.Packaging;

/// <summary>Contents of the packages, as a feed and its users see them.</summary>
[Collection<PackagingCollection>]
public sealed partial class PackageTests(PackedFeed feed)
{
    private const string Templates = "Unstale.Templates";
    private const string Analyzers = "Unstale.Analyzers";
    private const int MostIconBytes = 20_000;

    private static readonly string[] Common = ["CHANGELOG.md", "LICENSE", "README.md", "icon.png"];

    /// <summary>Pinned versions, by package.</summary>
    private static readonly Dictionary<string, string> Pinned = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants("PackageVersion")
        .ToDictionary(static one => one.Attribute("Include")!.Value, static one => one.Attribute("Version")!.Value);

    private static readonly string[] _libraries = ["Unstale", "Unstale.AspNetCore", "Unstale.MemoryPack", "Unstale.MessagePack", "Unstale.OpenTelemetry", "Unstale.PostgreSql", "Unstale.ProtobufNet", "Unstale.Redis"];

    public static TheoryData<string> Libraries => [.. _libraries];

    public static TheoryData<string> All => [.. _libraries, Analyzers, Templates];

    public static TheoryData<string> WithNotices => [.. _libraries, Analyzers];

    [Fact]
    public void The_packages_are_the_libraries_with_symbols_the_analyzers_and_the_templates() =>
        Assert.Equal(
            _libraries.Select(id => $"{id}.{feed.Version}")
                .SelectMany(static name => new[] { $"{name}.nupkg", $"{name}.snupkg" }).Append($"{Analyzers}.{feed.Version}.nupkg").Append($"{Templates}.{feed.Version}.nupkg").Order(StringComparer.Ordinal),
            Directory.GetFiles(feed.Folder).Select(static file => Path.GetFileName(file)).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(All))]
    public void A_package_tells_a_feed_its_purpose_its_version_its_licence_and_its_source(string id)
    {
        using var package = feed.Open(id);
        Assert.Equal((id, feed.Version, "MIT", "README.md", "icon.png", "The Unstale authors"), (package["id"], package["version"], package["license"], package["readme"], package["icon"], package["authors"]));
        Assert.Matches(Version(), feed.Version);
        Assert.All(["title", "description", "tags", "releaseNotes"], element => Assert.NotEmpty(package[element]));
        Assert.Contains(package["copyright"], package.Text("LICENSE"), StringComparison.Ordinal);
        Assert.Equal(Path.Exists(Path.Combine(Repository.Root, ".git")), Commit().IsMatch(package.Element("repository")?.Attribute("commit")?.Value ?? ""));
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_library_contains_one_assembly_with_documentation_and_no_other(string id)
    {
        using var package = feed.Open(id);
        Assert.Equal(Common.Concat(["THIRD-PARTY-NOTICES.txt", $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml"]).Order(StringComparer.Ordinal), package.Files);

        var documented = XDocument.Parse(package.Text($"lib/net10.0/{id}.xml")).Descendants("member").Select(static member => member.Attribute("name")!.Value).ToHashSet(StringComparer.Ordinal);
        Assert.All(Assembly.Load(id).GetExportedTypes(), type => Assert.Contains($"T:{type.FullName!.Replace('+', '.')}", documented));
    }

    [Fact]
    public void The_analyzers_are_loaded_by_the_compiler_alone()
    {
        using var package = feed.Open(Analyzers);
        Assert.Equal(Common.Concat(["THIRD-PARTY-NOTICES.txt", "analyzers/dotnet/cs/Unstale.Analyzers.CodeFixes.dll", "analyzers/dotnet/cs/Unstale.Analyzers.dll"]).Order(StringComparer.Ordinal), package.Files);
        Assert.Equal("true", package["developmentDependency"]);
        Assert.Empty(package.Dependencies);
    }

    [Theory]
    [InlineData("Unstale", Analyzers)]
    [InlineData("Unstale.AspNetCore", "Unstale")]
    [InlineData("Unstale.OpenTelemetry", "Unstale")]
    [InlineData("Unstale.PostgreSql", "Unstale")]
    [InlineData("Unstale.Redis", "Unstale")]
    public void A_library_hands_the_analyzers_on_to_its_users(string id, string dependency)
    {
        using var package = feed.Open(id);
        var element = package.Element("dependencies")!.Elements().Single().Elements().Single(one => one.Attribute("id")!.Value == dependency);
        Assert.Matches("^All$|Analyzers", element.Attribute("include")!.Value);
    }

    [Fact]
    public void The_templates_are_their_sources_without_any_build_output()
    {
        var folder = Path.Combine(Repository.Root, "templates", Templates);
        using var package = feed.Open(Templates);
        Assert.Equal(
            Directory.GetFiles(Path.Combine(folder, "content"), "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/')).Concat(Common).Order(StringComparer.Ordinal),
            package.Files);
        Assert.Equal("Template", package.Element("packageTypes")!.Elements().Single().Attribute("name")!.Value);
    }

    [Theory]
    [InlineData("Unstale", Analyzers)]
    [InlineData(Analyzers)]
    [InlineData("Unstale.AspNetCore", "Unstale")]
    [InlineData("Unstale.MemoryPack", "MemoryPack.Core", "Unstale")]
    [InlineData("Unstale.MessagePack", "MessagePack", "Unstale")]
    [InlineData("Unstale.OpenTelemetry", "OpenTelemetry.Api.ProviderBuilderExtensions", "Unstale")]
    [InlineData("Unstale.PostgreSql", "Npgsql", "Unstale")]
    [InlineData("Unstale.ProtobufNet", "Unstale", "protobuf-net")]
    [InlineData("Unstale.Redis", "StackExchange.Redis", "Unstale")]
    [InlineData(Templates)]
    public void A_package_depends_on_pinned_packages_and_an_adapter_on_the_engine_of_its_own_version(string id, params string[] others)
    {
        using var package = feed.Open(id);
        Assert.Equal(others, package.Dependencies.Keys.Where(static one => !one.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.All(package.Dependencies, one => Assert.Equal(one.Key is "Unstale" or Analyzers ? $"[{feed.Version}]" : Pinned[one.Key], one.Value));
    }

    [Theory]
    [MemberData(nameof(WithNotices))]
    public void The_notices_quote_the_licence_and_the_copyright_of_each_dependency(string id)
    {
        using var package = feed.Open(id);
        var quoted =
            from dependency in package.Dependencies
            where dependency.Key is not ("Unstale" or Analyzers)
            let name = dependency.Key.ToLowerInvariant()
            let file = Path.Combine(RestoredPackages.Folder, name, dependency.Value, $"{name}.nuspec")
            let metadata = XDocument.Load(file).Root!.Elements().First().Elements().ToDictionary(static element => element.Name.LocalName, static element => element.Value)
            orderby dependency.Key
            select $"{dependency.Key}\n  Licence: {metadata["license"]}\n  Copyright: {metadata["copyright"]}\n";

        var notices = package.Text("THIRD-PARTY-NOTICES.txt");
        Assert.StartsWith($"Third-party notices of the package {id}\n", notices, StringComparison.Ordinal);
        Assert.Equal(string.Concat(quoted), notices[(notices.LastIndexOf("\n\n", StringComparison.Ordinal) + 2)..]);
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void The_symbols_are_those_of_the_assembly_and_the_build_is_deterministic(string id)
    {
        using var package = feed.Open(id);
        using var symbols = feed.Open(id, "snupkg");
        Assert.Equal([$"lib/net10.0/{id}.pdb"], symbols.Files);

        using var assembly = new PEReader(new MemoryStream(package.Bytes($"lib/net10.0/{id}.dll")));
        using var pdb = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(symbols.Bytes($"lib/net10.0/{id}.pdb")));
        var entries = assembly.ReadDebugDirectory();
        var expected = assembly.ReadCodeViewDebugDirectoryData(entries.Single(static entry => entry.Type == DebugDirectoryEntryType.CodeView)).Guid;
        Assert.Equal(expected, new BlobContentId(pdb.GetMetadataReader().DebugMetadataHeader!.Id).Guid);
        Assert.Contains(entries, static entry => entry.Type == DebugDirectoryEntryType.Reproducible);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_readme_reads_without_the_repository_and_the_icon_is_small(string id)
    {
        using var package = feed.Open(id);
        var readme = package.Text("README.md");
        Assert.StartsWith($"# {id}\n", readme, StringComparison.Ordinal);
        Assert.Contains(id == Templates ? $"dotnet new install {id}" : $"dotnet add package {id}", readme, StringComparison.Ordinal);
        Assert.DoesNotContain("](", readme, StringComparison.Ordinal);

        var icon = package.Bytes("icon.png");
        Assert.InRange(icon.Length, 1, MostIconBytes);
        Assert.Equal((128, 128), (BinaryPrimitives.ReadInt32BigEndian(icon.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(icon.AsSpan(20))));
    }

    [GeneratedRegex(@"^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Version();

    [GeneratedRegex("^[0-9a-f]{40}$", RegexOptions.None, 1000)]
    private static partial Regex Commit();
}
