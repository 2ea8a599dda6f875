using System.Runtime.InteropServices;
using Unstale.IntegrationTests.Support;
using Xunit;
using Repository = Unstale.Tests.Support.Repository;

namespace Unstale.IntegrationTests.Packaging;

/// <summary>
/// The program of samples/Native in a project of a user, compiled ahead of time from the packages. The whole of each package is compiled and analyzed, not only
/// the parts that the program uses, and a warning of the analysis fails.
/// </summary>
public sealed class NativeProgram(PackedFeed feed) : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    public string File => _folder.File(Path.Combine("out", "Native"));

    public async ValueTask InitializeAsync()
    {
        foreach (var source in Directory.GetFiles(Path.Combine(Repository.Root, "samples", "Native"), "*.cs"))
            System.IO.File.Copy(source, _folder.File(Path.GetFileName(source)));
        await System.IO.File.WriteAllTextAsync(_folder.File("nuget.config"), feed.Configuration);
        await System.IO.File.WriteAllTextAsync(_folder.File("Native.csproj"), Project());
        try
        {
            await Dotnet.RunAsync(
                _folder.Path, [("NUGET_PACKAGES", _folder.File("packages"))], "publish", "-r", RuntimeInformation.RuntimeIdentifier, "-o", _folder.File("out"), "-p:NuGetAudit=false");
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException(
                "The native program cannot be published. Needed beside the SDK: the package Microsoft.DotNet.ILCompiler of the version of the SDK from a feed of this machine, and gcc or clang with the C library.",
                failure);
        }
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private string Project() => $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <InvariantGlobalization>true</InvariantGlobalization>
            <PublishAot>true</PublishAot>
            <TrimMode>full</TrimMode>
            <TrimmerSingleWarn>false</TrimmerSingleWarn>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
          </PropertyGroup>
          <ItemGroup>
            <FrameworkReference Include="Microsoft.AspNetCore.App" />
            <PackageReference Include="Unstale.AspNetCore" Version="{feed.Version}" />
            <PackageReference Include="Unstale.OpenTelemetry" Version="{feed.Version}" />
            <PackageReference Include="Unstale.Redis" Version="{feed.Version}" />
            <TrimmerRootAssembly Include="Unstale;Unstale.AspNetCore;Unstale.OpenTelemetry;Unstale.Redis" />
          </ItemGroup>
        </Project>
        """;
}
