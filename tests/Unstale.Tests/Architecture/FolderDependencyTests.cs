using System.Text.RegularExpressions;
using System.Xml.Linq;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Architecture;

/// <summary>Dependencies between folders and projects follow the path of an invalidation in one direction. Read from the types of the built assemblies.</summary>
public sealed partial class FolderDependencyTests
{
    private const string Root = ProductType.Root;
    private const string Engine = ProductAssemblies.Engine;

    /// <summary>
    /// Allowed uses between the folders of each project. <see cref="Root"/> in a row allows every type of the root; without it, a folder may use the root
    /// types that use nothing but the folder itself and folders downstream of it (<see cref="FolderGraph"/>).
    /// </summary>
    private static readonly Dictionary<string, Dictionary<string, string[]>> Tables = new(StringComparer.Ordinal)
    {
        [Engine] = new(StringComparer.Ordinal)
        {
            ["Hosting"] =
                ["Boundary", "Dependencies", "Distributed", "Horizon", "Loading", "Log", "Memory", "Node", "Predicates", "Queries", "Remote", "Rules", "Sinks", "Telemetry", "Transactions", "Values"],
            ["Distributed"] = [Root, "Boundary", "Transactions", "Values"],
            ["Queries"] = [Root, "Boundary", "Log", "Telemetry", "Values"],
            [Root] =
            [
                "Boundary", "Diagnostics", "Horizon", "Invalidations", "Loading", "Log", "Memory", "Node", "Partitions", "Predicates", "Remote", "Rules", "Telemetry", "Transactions",
                "Values", "WriteThrough",
            ],
            ["Invalidations"] = ["Boundary", "Dependencies", "Diagnostics", "Horizon", "Loading", "Log", "Node", "Predicates", "Rules", "Telemetry", "Transactions", "Values"],
            ["Diagnostics"] = ["Dependencies", "Log", "Rules", "Values"],
            ["Partitions"] = ["Horizon", "Loading", "Memory", "Node", "WriteThrough"],
            ["WriteThrough"] = ["Horizon", "Loading", "Log", "Memory", "Node", "Remote", "Values"],
            ["Transactions"] = ["Horizon", "Log", "Node", "Telemetry", "Values"],
            ["Node"] = ["Boundary", "Horizon", "Log", "Memory", "Predicates", "Telemetry", "Values"],
            ["Loading"] = ["Boundary", "Horizon", "Log", "Memory", "Predicates", "Remote", "Telemetry", "Values"],
            ["Memory"] = ["Boundary", "Horizon", "Remote", "Telemetry", "Values"],
            ["Remote"] = ["Boundary", "Log", "Telemetry", "Values"],
            ["Sinks"] = ["Boundary", "Log", "Predicates", "Telemetry", "Values"],
            ["Horizon"] = ["Log", "Predicates", "Values"],
            ["Telemetry"] = ["Boundary", "Rules", "Values"],
            ["Rules"] = ["Boundary", "Dependencies", "Log", "Predicates", "Values"],
            ["Dependencies"] = ["Log", "Predicates", "Values"],
            ["Log"] = ["Boundary", "Predicates", "Values"],
            ["Predicates"] = ["Values"],
            ["Values"] = ["Boundary"],
            ["Boundary"] = [],
        },
        [ProductAssemblies.Analyzers] = new(StringComparer.Ordinal)
        {
            ["Commits"] = [],
            ["Patterns"] = ["Tags"],
            ["Registration"] = [],
            ["Scopes"] = [],
            ["Sharing"] = [],
            ["Tags"] = [],
            [Root] = [],
        },
        ["Unstale.AspNetCore"] = new(StringComparer.Ordinal)
        {
            ["Hosting"] = ["Health", "OutputCache"],
            ["Health"] = [],
            ["OutputCache"] = [],
            [Root] = [],
        },
        ["Unstale.EntityFrameworkCore"] = new(StringComparer.Ordinal)
        {
            ["Hosting"] = ["AllQueries", "CachedQueries", "Reads", "Writes"],
            ["AllQueries"] = ["CachedQueries", "Forms", "Reads", "Writes"],
            ["CachedQueries"] = ["Reads"],
            ["Reads"] = ["Forms", "Telemetry", "Writes"],
            ["Writes"] = ["Forms", "Telemetry"],
            ["Forms"] = [],
            ["Telemetry"] = [],
            [Root] = [],
        },
        ["Unstale.MemoryPack"] = new(StringComparer.Ordinal) { ["Hosting"] = [], [Root] = [] },
        ["Unstale.MessagePack"] = new(StringComparer.Ordinal) { ["Hosting"] = [], [Root] = [] },
        ["Unstale.OpenTelemetry"] = new(StringComparer.Ordinal) { ["Hosting"] = [] },
        ["Unstale.PostgreSql"] = new(StringComparer.Ordinal)
        {
            ["Hosting"] = ["Capture", "Connection", "Log", "Outbox", "Schema", "Telemetry"],
            ["Log"] = ["Connection", "Telemetry"],
            ["Capture"] = ["Connection", "Outbox", "Telemetry"],
            ["Outbox"] = ["Connection", "Telemetry"],
            ["Connection"] = ["Schema", "Telemetry"],
            [Root] = ["Capture", "Connection", "Outbox", "Schema"],
            ["Schema"] = [],
            ["Telemetry"] = [],
        },
        ["Unstale.ProtobufNet"] = new(StringComparer.Ordinal) { ["Hosting"] = [], [Root] = [] },
        ["Unstale.Redis"] = new(StringComparer.Ordinal)
        {
            ["Hosting"] = ["Channel", "Connection", "Log", "Scripts", "SecondLevel", "Telemetry"],
            ["Channel"] = ["Connection", "Log", "Scripts", "Telemetry"],
            ["SecondLevel"] = ["Connection", "Log", "Scripts", "Telemetry"],
            ["Log"] = ["Connection", "Scripts", "Telemetry"],
            ["Scripts"] = ["Connection"],
            ["Connection"] = ["Telemetry"],
            ["Telemetry"] = [],
            [Root] = ["Connection"],
        },
    };

    /// <summary>
    /// Layers of the engine, from top to bottom. A folder uses folders of lower layers and neighbours in its own. Telemetry reports the statistics of rules,
    /// so rules are below it.
    /// </summary>
    private static readonly string[][] Layers =
    [
        ["Hosting"],
        ["Queries", "Distributed"],
        [Root],
        ["Invalidations", "Diagnostics", "WriteThrough", "Transactions", "Partitions"],
        ["Node", "Loading"],
        ["Memory", "Remote", "Sinks"],
        ["Horizon"],
        ["Telemetry"],
        ["Rules", "Dependencies"],
        ["Log"],
        ["Predicates"],
        ["Values"],
        ["Boundary"],
    ];

    /// <summary>Uses against the direction, each with its reason.</summary>
    private static readonly (string Project, string User, string Used, string Reason)[] KnownCycles =
    [
        (Engine, "Node/LocalReceipt", "InvalidationReceipt", "The append to a local log, its record and the receipt are one object. A receipt can also be of a scope."),
        ("Unstale.Redis", "Errors", "Channel/ChannelException", "One file has all messages of an assembly, and the exception is public in its namespace."),
    ];

    /// <summary>Folders of the engine used by each project beside it. A constant of the engine is no use: the compiler copies its value.</summary>
    private static readonly Dictionary<string, string[]> EngineFolders = new(StringComparer.Ordinal)
    {
        ["Unstale.AspNetCore"] = [Root, "Boundary", "Hosting", "Sinks"],
        ["Unstale.EntityFrameworkCore"] = [Root, "Boundary", "Hosting", "Loading", "Predicates", "Transactions"],
        ["Unstale.MemoryPack"] = ["Hosting", "Remote"],
        ["Unstale.MessagePack"] = ["Hosting", "Remote"],
        ["Unstale.OpenTelemetry"] = [],
        ["Unstale.PostgreSql"] = [Root, "Boundary", "Hosting", "Log", "Predicates", "Remote", "Rules"],
        ["Unstale.ProtobufNet"] = ["Hosting", "Remote"],
        ["Unstale.Redis"] = [Root, "Boundary", "Hosting", "Log", "Predicates", "Remote", "Rules", "Telemetry", "Values"],
    };

    /// <summary>Package referenced by each project beside the engine.</summary>
    private static readonly Dictionary<string, string> Packages = new(StringComparer.Ordinal)
    {
        ["Unstale.EntityFrameworkCore"] = "Microsoft.EntityFrameworkCore.Relational",
        ["Unstale.MemoryPack"] = "MemoryPack.Core",
        ["Unstale.MessagePack"] = "MessagePack",
        ["Unstale.OpenTelemetry"] = "OpenTelemetry.Api.ProviderBuilderExtensions",
        ["Unstale.PostgreSql"] = "Npgsql",
        ["Unstale.ProtobufNet"] = "protobuf-net",
        ["Unstale.Redis"] = "StackExchange.Redis",
    };

    public static TheoryData<string> Projects => [.. Tables.Keys];

    public static TheoryData<string> Adapters => [.. ProductAssemblies.Adapters];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_type_uses_only_types_of_folders_downstream(string project) => Assert.Empty(GraphOf(project, KnownOf(project)).Forbidden());

    [Theory]
    [MemberData(nameof(Projects))]
    public void The_table_allows_no_more_than_the_types_need(string project) => Assert.Empty(GraphOf(project, KnownOf(project)).Unneeded());

    [Theory]
    [MemberData(nameof(Projects))]
    public void No_folder_is_downstream_of_itself(string project) => Assert.Empty(GraphOf(project, []).Cyclic());

    [Theory]
    [MemberData(nameof(Projects))]
    public void Every_known_cycle_in_the_list_still_exists(string project) =>
        Assert.DoesNotContain(KnownOf(project), one => !GraphOf(project, KnownOf(project).Except([one])).Forbidden().Any());

    [Fact]
    public void Allowed_uses_of_the_engine_follow_its_layers()
    {
        var layers = Layers.SelectMany(static (layer, number) => layer.Select(folder => (folder, number))).ToDictionary(StringComparer.Ordinal);

        Assert.Equal(Tables[Engine].Keys.Order(StringComparer.Ordinal), layers.Keys.Order(StringComparer.Ordinal));
        Assert.Empty(
            from row in Tables[Engine]
            from used in row.Value
            where layers[used] < layers[row.Key]
            select $"{row.Key} → {used}");
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Every_folder_with_types_is_in_the_table_and_no_other(string project) => Assert.Equal(
        Tables[project].Keys.Order(StringComparer.Ordinal),
        ProductAssemblies.Of(project).Uses.Keys.Select(static type => type.Folder).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Adapters))]
    public void An_adapter_uses_only_these_folders_of_the_engine(string adapter) => Assert.Equal(
        EngineFolders[adapter].Order(StringComparer.Ordinal),
        ProductAssemblies.Of(adapter).Uses.Values.SelectMany(static used => used).Where(static used => used.Project == Engine)
            .Select(static used => used.Folder).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_type_lies_in_the_namespace_of_its_folder(string project)
    {
        var folder = Path.Combine(Repository.Root, "src", project);
        var misplaced =
            from file in Sources(folder)
            let relative = Path.GetRelativePath(folder, Path.GetDirectoryName(file)!)
            let expected = relative == "." ? project : $"{project}.{relative.Replace(Path.DirectorySeparatorChar, '.')}"
            let text = File.ReadAllText(file)
            let actual = Namespace().Match(text).Groups["name"].Value
            where actual != expected && !(relative == ProductType.Hosting && ProductType.ExtensionNamespaces.Contains(actual, StringComparer.Ordinal) && IsExtension(file, text))
            select $"{Path.GetRelativePath(Repository.Root, file)} is in namespace '{actual}'";

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
            XDocument.Load(Path.Combine(Repository.Root, "src", Engine, "Unstale.csproj")).Descendants("PackageReference"),
            package => Assert.StartsWith("Microsoft.Extensions.", package.Attribute("Include")!.Value, StringComparison.Ordinal));

    [Fact]
    public void Every_project_is_in_the_table() => Assert.Equal(
        Tables.Keys.Order(StringComparer.Ordinal),
        Directory.GetDirectories(Path.Combine(Repository.Root, "src")).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Adapters))]
    public void An_adapter_references_only_the_engine_and_the_dependency_in_its_name(string adapter)
    {
        var project = XDocument.Load(Path.Combine(Repository.Root, "src", adapter, $"{adapter}.csproj"));

        Assert.Equal(["../Unstale/Unstale.csproj"], project.Descendants("ProjectReference").Select(reference => reference.Attribute("Include")!.Value));
        Assert.Equal(
            Packages.TryGetValue(adapter, out var package) ? [package] : [],
            project.Descendants("PackageReference").Select(reference => reference.Attribute("Include")!.Value));
        Assert.Empty(project.Descendants("Reference"));
        Assert.Equal(
            adapter == "Unstale.AspNetCore" ? ["Microsoft.AspNetCore.App"] : [],
            project.Descendants("FrameworkReference").Select(reference => reference.Attribute("Include")!.Value));
    }

    [Fact]
    public void No_source_has_conditional_parts_or_regions() =>
        Assert.DoesNotContain(Sources(Path.Combine(Repository.Root, "src")), file => Directives().IsMatch(File.ReadAllText(file)));

    private static FolderGraph GraphOf(string project, IEnumerable<(string User, string Used)> known) => new(ProductAssemblies.Of(project), Tables[project], known);

    private static IEnumerable<(string User, string Used)> KnownOf(string project) =>
        KnownCycles.Where(one => one.Project == project).Select(static one => (one.User, one.Used));

    /// <summary>True for a class of extension methods, and for the builder that they extend.</summary>
    private static bool IsExtension(string file, string text) =>
        Path.GetFileName(file) == "IUnstaleBuilder.cs" || ExtensionClass().Match(text).Groups["name"].Value == Path.GetFileName(file).Split('.')[0];

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(Repository.Root, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));

    [GeneratedRegex(@"^public static (partial )?class (?<name>\w+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ExtensionClass();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^\s*#(if|region)\b", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Directives();
}
