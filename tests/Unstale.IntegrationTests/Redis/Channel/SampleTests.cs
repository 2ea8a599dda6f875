using System.Diagnostics;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Channel;

/// <summary>Behaviour of samples/Channel.</summary>
public sealed class SampleTests : IAsyncLifetime
{
    private readonly List<Process> _processes = [];
    private RedisServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RedisServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            process.Dispose();
        }

        await _server.DisposeAsync();
    }

    [Fact]
    public async Task The_channel_sample_publishes_and_receives_in_one_process()
    {
        var (exit, lines) = await EndAsync(Start("integration"));
        Assert.Equal(0, exit);
        Assert.Equal(
            ["before: 7 entries", "user-service: cache_key=user:1", "user-service: batch_size=2", "user-service: pattern=feed:user_1:* deleted_count=1", "after: 3 entries"],
            lines.Take(5));
    }

    [Fact]
    public async Task The_channel_sample_publishes_and_receives_in_two_processes()
    {
        var subscriber = Start("subscriber");
        Assert.Contains("listening on cache:invalidate", await subscriber.StandardOutput.ReadLineAsync(Stop), StringComparison.Ordinal);
        var (exit, reported) = await EndAsync(Start("publisher"));
        Assert.Equal(0, exit);
        Assert.All(reported, static line => Assert.EndsWith("1 heard it", line, StringComparison.Ordinal));
        string[] wanted = ["cache_key=user:123", "cache_key=session:abc123", "batch_size=3", "pattern=feed:user_123:* deleted_count=0"];
        foreach (var words in wanted)
            Assert.Equal($"user-service: {words}", await subscriber.StandardOutput.ReadLineAsync(Stop));

        // A shell that starts the tests in the background has SIGINT ignored by them and their children.
        using var terminate = Process.Start("kill", ["-TERM", $"{subscriber.Id}"]);
        var (end, rest) = await EndAsync(subscriber);
        Assert.Equal(0, end);
        Assert.StartsWith("published 0, received 4, errors 0, gaps 0", Assert.Single(rest), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "Say what to run: publisher, subscriber or integration", "neither")]
    [InlineData(1, "Channel cache:invalidate at 127.0.0.1:1", "publisher", "127.0.0.1:1")]
    public async Task The_channel_sample_refuses_bad_arguments_in_one_sentence(int exit, string words, params string[] arguments)
    {
        var process = Run(arguments);
        var error = await process.StandardError.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        Assert.Equal(exit, process.ExitCode);
        Assert.StartsWith(words, error, StringComparison.Ordinal);
    }

    private Process Start(string part) => Run(part, _server.EndPoint.ToString());

    private Process Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ChannelSample.Figures).Assembly.Location, .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        var process = Process.Start(start)!;
        _processes.Add(process);
        return process;
    }

    private static async Task<(int Exit, List<string> Lines)> EndAsync(Process process)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        var text = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)]);
    }
}
