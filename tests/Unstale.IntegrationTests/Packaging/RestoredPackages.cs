using System.Reflection;

namespace Unstale.IntegrationTests.Packaging;

/// <summary>Packages of others, as the build of the running tests has restored them.</summary>
internal static class RestoredPackages
{
    /// <summary>Folder with one subfolder for each package and version.</summary>
    public static string Folder { get; } =
        typeof(RestoredPackages).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static one => one.Key == "NuGetPackageRoot").Value!;
}
