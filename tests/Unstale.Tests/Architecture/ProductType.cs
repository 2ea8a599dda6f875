namespace Unstale.Tests.Architecture;

/// <summary>A type of the product that is not nested.</summary>
/// <param name="Project">Project, and name of the assembly.</param>
/// <param name="Folder">Folder of the project; <see cref="Root"/> for the files directly in the project.</param>
/// <param name="Name">Name without namespace.</param>
internal readonly record struct ProductType(string Project, string Folder, string Name)
{
    public const string Root = "(root)";
    public const string Hosting = "Hosting";

    /// <summary>Namespaces of the extension classes, which lie in the folder <see cref="Hosting"/>.</summary>
    public static readonly string[] ExtensionNamespaces =
        ["Microsoft.EntityFrameworkCore", "Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.Hosting", "OpenTelemetry.Metrics", "OpenTelemetry.Trace"];

    /// <summary>Returns the type, or nothing for a type that the compiler put outside the namespaces of the project.</summary>
    public static ProductType[] From(string project, string space, string name) =>
        ExtensionNamespaces.Contains(space, StringComparer.Ordinal) ? [new(project, Hosting, name)]
        : space == project ? [new(project, Root, name)]
        : space.StartsWith(project + ".", StringComparison.Ordinal) ? [new(project, space[(project.Length + 1)..], name)]
        : [];

    public override string ToString() => Folder == Root ? Name : $"{Folder}/{Name}";
}
