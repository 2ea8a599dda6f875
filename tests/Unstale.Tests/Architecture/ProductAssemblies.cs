using System.Collections.Concurrent;
using Unstale.Tests.Support;

namespace Unstale.Tests.Architecture;

/// <summary>The built assemblies of the product, from the same build as the tests.</summary>
internal static class ProductAssemblies
{
    public const string Engine = "Unstale";

    /// <summary>Project that the compiler of a user loads. No other project uses its types.</summary>
    public const string Analyzers = "Unstale.Analyzers";

    /// <summary>Projects beside the engine.</summary>
    public static readonly string[] Adapters = ["Unstale.AspNetCore", "Unstale.MemoryPack", "Unstale.MessagePack", "Unstale.OpenTelemetry", "Unstale.PostgreSql", "Unstale.ProtobufNet", "Unstale.Redis"];

    private static readonly ConcurrentDictionary<string, AssemblyTypes> Assemblies = new(StringComparer.Ordinal);

    /// <summary>Output folder of a project, relative to the project: <c>bin/Release/net10.0</c>.</summary>
    private static readonly string Output = Path.GetRelativePath(Path.Combine(Repository.Root, "tests", "Unstale.Tests"), AppContext.BaseDirectory);

    public static AssemblyTypes Of(string project) => Assemblies.GetOrAdd(project, static project =>
    {
        var output = project == Analyzers ? Path.Combine(Output, "..", "netstandard2.0") : Output;
        using var assembly = File.OpenRead(Path.Combine(Repository.Root, "src", project, output, project + ".dll"));
        return AssemblyTypes.Read(assembly);
    });
}
