using System.Diagnostics;
using System.Text.RegularExpressions;
using Unstale.IntegrationTests.Support;
using Xunit;
using Repository = Unstale.Tests.Support.Repository;

namespace Unstale.IntegrationTests.Shop;

/// <summary>The transcripts of the pages are the output of their commands.</summary>
public sealed partial class TranscriptTests : IDisposable
{
    private const string DemoCommand = "$ dotnet run --project samples/Shop -- demo\n";
    private const string DocumentedAddress = "127.0.0.1:5080";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/shop.md")]
    public async Task The_demo_prints_the_transcript_of_the_page_except_for_times(string page)
    {
        await using var demo = ShopProcess.Start(_folder.Path, "demo");
        var (code, error, output) = await demo.EndAsync(Cancel);
        Assert.True(code == 0, error + output);
        Assert.Equal(Masked(Block(page, DemoCommand)), Masked(output));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task The_demo_leaves_no_folder_behind()
    {
        var before = Directory.GetDirectories(Path.GetTempPath(), "unstale-shop-*").Length;
        await using var demo = ShopProcess.Start(_folder.Path, "demo");
        Assert.Equal(0, (await demo.EndAsync(Cancel)).Code);
        Assert.Equal(before, Directory.GetDirectories(Path.GetTempPath(), "unstale-shop-*").Length);
    }

    [Fact]
    public async Task The_requests_by_hand_have_the_responses_of_the_page()
    {
        await using var shop = ShopProcess.Start(_folder.Path, "--urls", "http://127.0.0.1:0", "--environment=Development");
        var address = (await shop.AddressAsync(Cancel)).Authority;
        var requests = Request().Matches(Block("docs/shop.md", $"$ curl -s {DocumentedAddress}/products/ttl/1\n", includesCommand: true));
        Assert.True(requests.Count > 10, $"The page has {requests.Count} requests.");
        foreach (Match request in requests)
        {
            var output = await RunAsync(request.Groups["command"].Value.Replace(DocumentedAddress, address, StringComparison.Ordinal));
            Assert.Equal(WithoutTrace(request.Groups["response"].Value), WithoutTrace(output));
        }
    }

    /// <summary>Returns the rest of the block that has a command, after the command unless it is included.</summary>
    private static string Block(string page, string command, bool includesCommand = false)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, page));
        var start = text.IndexOf(command, StringComparison.Ordinal);
        Assert.True(start > 0, $"{page} has no transcript of: {command}");
        start += includesCommand ? 0 : command.Length;
        return text[start..text.IndexOf("```", start, StringComparison.Ordinal)];
    }

    private static string Masked(string transcript) => Spaces().Replace(Time().Replace(transcript.Trim(), "TIME"), " ");

    private static string WithoutTrace(string response) => Trace().Replace(response.Trim(), "");

    private static async Task<string> RunAsync(string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", command]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var output = await shell.StandardOutput.ReadToEndAsync(Cancel);
        await shell.WaitForExitAsync(Cancel);
        return output;
    }

    [GeneratedRegex(@"\b\d+\.\d (ms|s)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Time();

    [GeneratedRegex(" +", RegexOptions.None, 1000)]
    private static partial Regex Spaces();

    [GeneratedRegex("\"trace_id\":\"[0-9a-f-]+\"", RegexOptions.None, 1000)]
    private static partial Regex Trace();

    [GeneratedRegex(@"^\$ (?<command>curl .*)\n(?<response>.*)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Request();
}
