using System.Text.RegularExpressions;
using System.Xml.Linq;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Architecture;

/// <summary>Dependencies between folders and projects follow the path of an invalidation in one direction.</summary>
public sealed partial class FolderDependencyTests
{
    private static readonly Dictionary<string, string[]> Knows = new(StringComparer.Ordinal)
    {
        ["Boundary"] = [],
        ["Changes"] = ["Boundary"],
        ["Rules"] = ["Boundary", "Log"],
        ["Telemetry"] = ["Boundary", "Rules"],
        ["Log"] = ["Boundary"],
        ["Remote"] = ["Boundary", "Log"],
        ["Targets"] = ["Boundary", "Log", "Telemetry"],
        ["Horizon"] = ["Boundary", "Log"],
        ["Node"] = ["Boundary", "Horizon", "Log", "Telemetry"],
        ["Store"] = ["Boundary", "Horizon", "Log", "Remote", "Telemetry"],
        ["Partitions"] = ["Horizon", "Log", "Node", "Remote", "Store"],
        ["Scopes"] = ["Boundary", "Horizon", "Log", "Node", "Rules", "Telemetry"],
        ["Namespaces"] = ["Rules"],
        ["Queries"] = ["Boundary", "Telemetry"],
        ["Hosting"] = ["Boundary", "Changes", "Horizon", "Log", "Node", "Queries", "Remote", "Rules", "Store", "Targets", "Telemetry"],
    };

    // Layers above the cache: like an application, these folders use the public members and no folder below.
    private static readonly string[] Above = ["Hosting", "Namespaces", "Queries"];

    /// <summary>Allowed dependencies between the folders of the projects beside the engine.</summary>
    private static readonly Dictionary<string, Dictionary<string, string[]>> Adapters = new(StringComparer.Ordinal)
    {
        ["Unstale.AspNetCore"] = new(StringComparer.Ordinal)
        {
            ["Health"] = [],
            ["OutputCache"] = [],
            ["Hosting"] = ["Health", "OutputCache"],
        },
        ["Unstale.Redis"] = new(StringComparer.Ordinal)
        {
            ["Telemetry"] = [],
            ["Scripts"] = ["Link"],
            ["Link"] = ["Telemetry"],
            ["Log"] = ["Link", "Scripts", "Telemetry"],
            ["Store"] = ["Link", "Log", "Scripts", "Telemetry"],
            ["Channel"] = ["Link", "Log", "Telemetry"],
            ["Hosting"] = ["Channel", "Link", "Log", "Scripts", "Store", "Telemetry"],
        },
    };

    private static readonly string Root = Repository.Root;
    private static readonly string Engine = Path.Combine(Root, "src", "Unstale");

    public static TheoryData<string> AdapterNames => [.. Adapters.Keys];

    [Fact]
    public void A_folder_refers_only_to_its_neighbours_downstream()
    {
        var broken =
            from folder in Folders()
            from file in Sources(Path.Combine(Engine, folder))
            from Match named in Stage().Matches(File.ReadAllText(file))
            let other = named.Groups["stage"].Value
            where Knows.ContainsKey(other) && other != folder && !Knows[folder].Contains(other, StringComparer.Ordinal)
            select $"{Path.GetRelativePath(Root, file)} knows {other}";

        Assert.Empty(broken);
    }

    [Fact]
    public void Every_folder_is_in_the_table() =>
        Assert.Empty(Folders().Except(Knows.Keys, StringComparer.Ordinal));

    [Fact]
    public void Only_folders_above_the_cache_refer_to_the_cache_and_the_invalidator()
    {
        var broken =
            from folder in Folders().Except(Above, StringComparer.Ordinal)
            from file in Sources(Path.Combine(Engine, folder))
            where File.ReadLines(file).Any(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal) && Top().IsMatch(line))
            select Path.GetRelativePath(Root, file);

        Assert.Empty(broken);
    }

    [Fact]
    public void A_type_lives_in_the_namespace_of_its_folder()
    {
        var misplaced =
            from file in Sources(Engine)
            let folder = Path.GetRelativePath(Engine, Path.GetDirectoryName(file)!).Split(Path.DirectorySeparatorChar)[0]
            let expected = folder is "." or "Changes" or "Namespaces" or "Scopes" ? "Unstale" : $"Unstale.{folder}"
            let actual = Namespace().Match(File.ReadAllText(file)).Groups["name"].Value
            where actual != expected && !(folder == "Hosting" && actual == "Microsoft.Extensions.DependencyInjection")
            select $"{Path.GetRelativePath(Root, file)} is in namespace '{actual}'";

        Assert.Empty(misplaced);
    }

    [Fact]
    public void The_engine_depends_on_Microsoft_Extensions_alone() =>
        Assert.All(
            typeof(UnstaleOptions).Assembly.GetReferencedAssemblies().Select(a => a.Name!),
            name => Assert.Matches(@"^(System\.|Microsoft\.Extensions\.)", name));

    [Fact]
    public void The_engine_references_packages_of_Microsoft_Extensions_alone() =>
        Assert.All(
            XDocument.Load(Path.Combine(Engine, "Unstale.csproj")).Descendants("PackageReference"),
            package => Assert.StartsWith("Microsoft.Extensions.", package.Attribute("Include")!.Value, StringComparison.Ordinal));

    [Fact]
    public void Every_project_beside_the_engine_is_in_the_table() => Assert.Equal(
        Adapters.Keys.Order(StringComparer.Ordinal),
        Directory.GetDirectories(Path.Combine(Root, "src")).Select(folder => Path.GetFileName(folder)!).Except(["Unstale"], StringComparer.Ordinal).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(AdapterNames))]
    public void An_adapter_references_the_engine_and_what_it_is_named_after_and_no_other_adapter(string adapter)
    {
        var project = XDocument.Load(Path.Combine(Root, "src", adapter, $"{adapter}.csproj"));

        Assert.Equal(["../Unstale/Unstale.csproj"], project.Descendants("ProjectReference").Select(reference => reference.Attribute("Include")!.Value));
        Assert.Equal(
            adapter == "Unstale.Redis" ? ["StackExchange.Redis"] : [],
            project.Descendants("PackageReference").Select(reference => reference.Attribute("Include")!.Value));
        Assert.Empty(project.Descendants("Reference"));
        Assert.Equal(
            adapter == "Unstale.AspNetCore" ? ["Microsoft.AspNetCore.App"] : [],
            project.Descendants("FrameworkReference").Select(reference => reference.Attribute("Include")!.Value));
    }

    [Theory]
    [MemberData(nameof(AdapterNames))]
    public void A_folder_of_an_adapter_refers_only_to_its_neighbours_downstream(string adapter)
    {
        var (project, knows) = (Path.Combine(Root, "src", adapter), Adapters[adapter]);
        var broken =
            from folder in knows.Keys
            from file in Sources(Path.Combine(project, folder))
            from Match named in AdapterStage().Matches(File.ReadAllText(file))
            let other = named.Groups["stage"].Value
            where named.Groups["adapter"].Value != adapter || (other != folder && !knows[folder].Contains(other, StringComparer.Ordinal))
            select $"{Path.GetRelativePath(Root, file)} knows {named.Value}";

        Assert.Empty(broken);
        Assert.Empty(Directory.GetDirectories(project).Select(f => Path.GetFileName(f)!).Except(["bin", "obj", .. knows.Keys], StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(AdapterNames))]
    public void A_type_of_an_adapter_lives_in_the_namespace_of_its_folder(string adapter)
    {
        var project = Path.Combine(Root, "src", adapter);
        var misplaced =
            from file in Sources(project)
            let folder = Path.GetRelativePath(project, Path.GetDirectoryName(file)!).Split(Path.DirectorySeparatorChar)[0]
            let expected = folder == "." ? adapter : $"{adapter}.{folder}"
            let actual = Namespace().Match(File.ReadAllText(file)).Groups["name"].Value
            where actual != expected && !(folder == "Hosting" && actual is "Microsoft.Extensions.DependencyInjection" or "Microsoft.Extensions.Hosting")
            select $"{Path.GetRelativePath(Root, file)} is in namespace '{actual}'";

        Assert.Empty(misplaced);
    }

    [Fact]
    public void The_public_face_is_at_most_30_types() =>
        // Parts of one type (files with its name and a suffix) count once.
        Assert.InRange(Directory.GetFiles(Engine, "*.cs").Select(file => Path.GetFileName(file).Split('.')[0]).Distinct(StringComparer.Ordinal).Count(), 1, 30);

    [Fact]
    public void No_source_has_conditional_parts_or_regions() =>
        Assert.DoesNotContain(Sources(Path.Combine(Root, "src")), file => Directives().IsMatch(File.ReadAllText(file)));

    private static IEnumerable<string> Folders() =>
        Directory.GetDirectories(Engine).Select(folder => Path.GetFileName(folder)!).Except(["bin", "obj"], StringComparer.Ordinal);

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(Root, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));

    [GeneratedRegex(@"\bUnstale\.(?<stage>[A-Z][A-Za-z]*)\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Stage();

    [GeneratedRegex(@"using (?<adapter>Unstale\.(AspNetCore|Redis))\.(?<stage>[A-Z][A-Za-z]*)\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AdapterStage();

    [GeneratedRegex(@"\b(UnstaleCache|Invalidator)\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Top();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^\s*#(if|region)\b", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Directives();
}
