using System.Text.RegularExpressions;
using Unstale.IntegrationTests.Support;
using Xunit;
using Repository = Unstale.Tests.Support.Repository;

namespace Unstale.IntegrationTests.Packaging;

/// <summary>A folder with the packages of the repository, packed from the build of the running tests as a release packs them.</summary>
public sealed partial class PackedFeed : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    public string Folder => _folder.File("feed");

    /// <summary>Version of the packages, all of which have the same.</summary>
    public string Version { get; private set; } = "";

    /// <summary>Configuration of NuGet: the packed feed first, then the feeds of the machine. Restored packages are found without any feed.</summary>
    internal string Configuration => $"""
        <configuration>
          <packageSources>
            <add key="packed" value="{Folder}" />
          </packageSources>
          <fallbackPackageFolders>
            <add key="restored" value="{RestoredPackages.Folder}" />
          </fallbackPackageFolders>
        </configuration>
        """;

    public async ValueTask InitializeAsync()
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        await Dotnet.RunAsync(Repository.Root, [], "pack", "Unstale.slnx", "--no-build", "-c", configuration, "-o", Folder, "-m:1", $"-p:NuspecOutputPath={_folder.File("specifications")}");
        Version = Directory.GetFiles(Folder, "Unstale.*.nupkg").Select(static file => EngineFile().Match(Path.GetFileName(file))).Single(static name => name.Success).Groups["version"].Value;
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    internal Package Open(string id, string extension = "nupkg") => new(Path.Combine(Folder, $"{id}.{Version}.{extension}"));

    [GeneratedRegex(@"^Unstale\.(?<version>\d.*)\.nupkg$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EngineFile();
}
