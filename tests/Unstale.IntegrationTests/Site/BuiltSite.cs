using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;
using Unstale.IntegrationTests.Support;
using Xunit;
using Repository = Unstale.Tests.Support.Repository;

namespace Unstale.IntegrationTests.Site;

/// <summary>The site as <c>build/site.sh</c> builds it, in a folder that has an older version already, and a server of its files.</summary>
public sealed class BuiltSite : IAsyncLifetime
{
    public const string OlderVersion = "0.0";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(600);

    private readonly TemporaryFolder _folder = new();
    private WebApplication? _server;

    public string Root => _folder.Path;

    /// <summary>Folder of the built version.</summary>
    public string Folder { get; private set; } = "";

    public Uri Address { get; private set; } = new("http://127.0.0.1");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_folder.File(OlderVersion));
        await File.WriteAllTextAsync(_folder.File($"{OlderVersion}/version.txt"), "0.0.9\n");
        await File.WriteAllTextAsync(_folder.File($"{OlderVersion}/index.html"), "<h1>The older version</h1>");
        await BuildAsync();
        Folder = Directory.GetDirectories(Root).Single(static folder => Path.GetFileName(folder) != OlderVersion);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _server = builder.Build();
        _server.Urls.Add("http://127.0.0.1:0");
        _server.UseFileServer(new FileServerOptions { FileProvider = new PhysicalFileProvider(Root) });
        await _server.StartAsync();
        Address = new Uri(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _folder.Dispose();
    }

    private async Task BuildAsync()
    {
        using var process = Process.Start(new ProcessStartInfo("bash", ["build/site.sh", Root])
        {
            UseShellExecute = false,
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
            await process.WaitForExitAsync(patience.Token);
            Assert.True(process.ExitCode == 0, $"build/site.sh:\n{await output}{await error}");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
