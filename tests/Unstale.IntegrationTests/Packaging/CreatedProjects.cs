using Unstale.IntegrationTests.Support;
using Xunit;
using Repository = Unstale.Tests.Support.Repository;

namespace Unstale.IntegrationTests.Packaging;

/// <summary>
/// Projects of a user, in an empty folder: the program of the getting-started page, and a project of the template in each variant. The packages of the
/// repository are restored from the packed feed, all others from the folder of the build or from the feeds of the machine.
/// </summary>
public sealed class CreatedProjects(PackedFeed feed) : IAsyncLifetime
{
    public const string GettingStarted = "Prices";
    public const string WithoutRedis = "Plain";
    public const string WithRedis = "Shared";

    private readonly TemporaryFolder _folder = new();

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_folder.File("nuget.config"), feed.Configuration);
        await CreateGettingStartedAsync();
        await CreateFromTemplateAsync();
        await File.WriteAllTextAsync(
            _folder.File("All.slnx"),
            $"<Solution>{string.Concat(new[] { GettingStarted, WithoutRedis, WithRedis }.Select(static name => $"<Project Path=\"{name}/{name}.csproj\" />"))}</Solution>");
        await Dotnet.RunAsync(_folder.Path, [("NUGET_PACKAGES", _folder.File("packages"))], "build", "All.slnx", "-m:1", "-p:NuGetAudit=false");
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Folder of a project, in which its program runs.</summary>
    public string FolderOf(string project) => _folder.File(project);

    /// <summary>Built program of a project.</summary>
    public string ProgramOf(string project) => Path.Combine(FolderOf(project), "bin", "Debug", "net10.0", $"{project}.dll");

    private async Task CreateGettingStartedAsync()
    {
        var folder = Directory.CreateDirectory(FolderOf(GettingStarted)).FullName;
        File.Copy(Path.Combine(Repository.Root, "samples", "GettingStarted", "Program.cs"), Path.Combine(folder, "Program.cs"));
        await File.WriteAllTextAsync(Path.Combine(folder, $"{GettingStarted}.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk.Web">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Unstale" Version="{feed.Version}" />
                <PackageReference Include="Unstale.Redis" Version="{feed.Version}" />
              </ItemGroup>
            </Project>
            """);
    }

    private async Task CreateFromTemplateAsync()
    {
        string[] hive = ["--debug:custom-hive", _folder.File("hive")];
        await Dotnet.RunAsync(_folder.Path, [], ["new", "install", Path.Combine(feed.Folder, $"Unstale.Templates.{feed.Version}.nupkg"), .. hive]);
        await Dotnet.RunAsync(_folder.Path, [], ["new", "unstale-api", "-o", WithoutRedis, "--no-update-check", .. hive]);
        await Dotnet.RunAsync(_folder.Path, [], ["new", "unstale-api", "-o", WithRedis, "--redis", "--no-update-check", .. hive]);
    }
}
