using System.Diagnostics;
using System.Globalization;
using Unstale.IntegrationTests.Redis;
using Unstale.Queries;
using Xunit;

namespace Unstale.IntegrationTests.Packaging;

/// <summary>The packages in a program compiled ahead of time.</summary>
[Collection<PackagingCollection>]
public sealed class NativeTests(NativeProgram program, ITestOutputHelper output) : IClassFixture<NativeProgram>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task The_native_program_reads_invalidates_follows_rules_hashes_queries_and_shares_values_over_redis()
    {
        await using var redis = await RedisServer.StartAsync();
        var (lines, _) = await RunAsync(redis.EndPoint.ToString());

        Assert.Equal(
            [
                "read: one load, then a hit with a copy of its own",
                "invalidate: by key, tag, glob and regular expression",
                "rules: read from JSON, explained; a position is written as JSON",
                $"queries: query_cache:FindProducts:{QueryHash.Of(new FindProducts("lamp", new Paging(2, 20), new HashSet<string> { "brass", "new" }))}",
                $"queries: query_cache:CountProducts:{QueryHash.Of(new CountProducts("lamp"))}",
            ],
            lines[..5]);
        Assert.Contains("A value of type 'Native.Undeclared' cannot be cached as JSON: the application has no JSON metadata for the type.", lines[5], StringComparison.Ordinal);
        Assert.Contains("[JsonSerializable(typeof(FindUndeclared))]", lines[6], StringComparison.Ordinal);
        Assert.Equal(["redis: the second node read the value of the first, until a rule invalidated the value on both", "all checks passed"], lines[7..]);
    }

    [Fact]
    public async Task The_size_and_the_running_time_of_the_native_program_are_printed()
    {
        var (lines, time) = await RunAsync();
        Assert.Equal("all checks passed", lines[^1]);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"native program with all packages: {new FileInfo(program.File).Length / 1e6:0.0} MB; start, all checks on one node and end: {time.TotalMilliseconds:0} ms"));
    }

    private async Task<(string[] Lines, TimeSpan Time)> RunAsync(params string[] arguments)
    {
        var begin = TimeProvider.System.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(program.File, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        try
        {
            var (printed, errors) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
            await process.WaitForExitAsync(patience.Token);
            var time = TimeProvider.System.GetElapsedTime(begin);
            Assert.True(process.ExitCode == 0, $"{await printed}{await errors}");
            return ((await printed).Trim().Split('\n'), time);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Queries with the members of those of the program, hashed here by reflection.</summary>
    private sealed record FindProducts(string Text, Paging Paging, IReadOnlySet<string> Labels);

    private sealed record Paging(int Page, int Size);

    private sealed record CountProducts(string Text);
}
