using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

public sealed class WorkerProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--ConnectionStrings:Redis=localhost:x", "The worker cannot use Redis: check the setting ConnectionStrings:Redis")]
    [InlineData("--ConnectionStrings:Shop=Host=127.0.0.1;Port=1", "The worker cannot open its database: check the setting ConnectionStrings:Shop")]
    public async Task An_invalid_setting_ends_the_worker_with_one_sentence_and_exit_code_one(string argument, string sentence)
    {
        await using var worker = ShopProcess.StartWorker(_folder.Path, "--urls", "http://127.0.0.1:0", argument);
        var (code, error, output) = await worker.EndAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, code);
        Assert.StartsWith(sentence, Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }
}
