using System.Diagnostics;
using Xunit;

namespace Unstale.IntegrationTests.Packaging;

/// <summary>The dotnet command of the running tests, in a process of its own.</summary>
internal static class Dotnet
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(600);

    public static string Program { get; } =
        Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet";

    /// <summary>Runs a command to its end. Fails with its output if it fails, warns or does not end.</summary>
    /// <param name="folder">Working folder.</param>
    /// <param name="variables">Environment variables in addition to the inherited ones.</param>
    /// <param name="arguments">Arguments of the command.</param>
    public static async Task RunAsync(string folder, (string Name, string Value)[] variables, params string[] arguments) =>
        Assert.DoesNotContain(": warning ", await RunWithWarningsAsync(folder, variables, arguments), StringComparison.Ordinal);

    /// <summary>Runs a command to its end. Fails with its output if it fails or does not end.</summary>
    /// <param name="folder">Working folder.</param>
    /// <param name="variables">Environment variables in addition to the inherited ones.</param>
    /// <param name="arguments">Arguments of the command.</param>
    /// <returns>Output of the command.</returns>
    public static async Task<string> RunWithWarningsAsync(string folder, (string Name, string Value)[] variables, params string[] arguments)
    {
        var start = new ProcessStartInfo(Program, arguments)
        {
            UseShellExecute = false,
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
                ["MSBUILDDISABLENODEREUSE"] = "1",
                ["UseSharedCompilation"] = "true", // one compiler server for all
                ["DOTNET_CLI_UI_LANGUAGE"] = "en",
                ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
                ["DOTNET_NOLOGO"] = "1",
            },
        };
        foreach (var (name, value) in variables)
            start.Environment[name] = value;

        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
            await process.WaitForExitAsync(patience.Token);
            var report = $"dotnet {string.Join(' ', arguments)} in {folder}:\n{await output}{await error}";
            Assert.True(process.ExitCode == 0, report);
            return report;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
