using System.Diagnostics;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Support;
using Xunit;
using Repository = Unstale.Tests.Support.Repository;

namespace Unstale.IntegrationTests.Shop;

public sealed class ShopScriptTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly TemporaryFolder _folder = new();

    private string Data => _folder.File("data");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_check_of_the_script_passes_for_all_strategies_and_leaves_no_process_and_no_file()
    {
        await PostgresPrograms.GiveAsync(_folder.Path);
        using var script = Run("--check");
        var (code, said, error) = await EndAsync(script);
        Assert.True(code == 0, said + error);
        Assert.Equal(8, said.Split('\n').Count(static line => line.StartsWith("ok ", StringComparison.Ordinal)));
        Assert.Empty(ProcessesOf(_folder.Path));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task An_interrupted_script_stops_its_processes_and_its_clean_option_removes_the_files()
    {
        await PostgresPrograms.GiveAsync(_folder.Path);
        using var script = Run("--check");
        await Eventually.TrueAsync("the servers run", () => Task.FromResult(ProcessesOf(_folder.Path).Length >= 3));
        using var kill = Process.Start("kill", ["-TERM", script.Id.ToString()]);
        var (code, _, error) = await EndAsync(script);
        Assert.True(code == 143, error);
        Assert.Empty(ProcessesOf(_folder.Path));
        using var clean = Run("--clean");
        Assert.Equal(0, (await EndAsync(clean)).Code);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task An_unknown_option_ends_the_script_with_one_sentence_and_exit_code_one()
    {
        using var script = Run("--what");
        var (code, _, error) = await EndAsync(script);
        Assert.Equal(1, code);
        Assert.Equal("shop.sh: it knows --check and --clean, and not '--what'.", error.Trim());
    }

    private Process Run(string option)
    {
        var start = new ProcessStartInfo(Path.Combine(Repository.Root, "shop.sh"), [option])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            Environment = { ["SHOP_DATA"] = Data },
        };
        foreach (var setting in (string[])["SHOP_POSTGRES", "SHOP_REDIS", "SHOP_PORT", "SHOP_POSTGRES_PORT", "SHOP_REDIS_PORT"])
            start.Environment.Remove(setting);

        return Process.Start(start)!;
    }

    private static async Task<(int Code, string Said, string Error)> EndAsync(Process script)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        var said = script.StandardOutput.ReadToEndAsync(patience.Token);
        var error = script.StandardError.ReadToEndAsync(patience.Token);
        await script.WaitForExitAsync(patience.Token);
        return (script.ExitCode, await said, await error);
    }

    /// <summary>Returns the processes that work in a folder or below, as all processes started by the script do.</summary>
    private static string[] ProcessesOf(string folder) =>
        [.. Directory.GetDirectories("/proc").Where(static process => int.TryParse(Path.GetFileName(process), out _))
            .Select(static process => new FileInfo(Path.Combine(process, "cwd")).LinkTargetOrNothing())
            .Where(place => place.StartsWith(folder, StringComparison.Ordinal))];
}

file static class Links
{
    /// <summary>Returns the target of a link, or an empty string: the process may end meanwhile.</summary>
    public static string LinkTargetOrNothing(this FileInfo link)
    {
        try
        {
            return link.LinkTarget ?? "";
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
