using Unstale.DatabaseTests.PostgreSql.Support;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Support;
using Unstale.PostgreSql.Capture;
using Xunit;

namespace Unstale.DatabaseTests.PostgreSql.Capture;

/// <summary>Instruments of change capture.</summary>
[Collection<MeasuredCollection>]
public sealed class CaptureMetricsTests(PostgresServer server)
{
    [Fact]
    public async Task Transactions_rows_the_reader_the_unread_log_and_failures_are_measured_until_the_end()
    {
        using var instruments = new Instruments("unstale.capture.", "default");
        await using var shop = await CaptureShop.CreateAsync(server);
        var isFailing = false;
        var node = await shop.StartAsync(o => o.Reached = step =>
        {
            if (step == CaptureStep.Decoded && Volatile.Read(ref isFailing))
                throw new InvalidOperationException("injected");
        });
        await shop.WarmAsync(node);
        await Eventually.TrueAsync("the first change is counted", () => Task.FromResult(instruments["transactions"] == 1));
        Assert.Equal((1, 1), (instruments["rows"], instruments["reading"]));

        await shop.Database.ExecuteAsync("UPDATE products SET price = 11 WHERE id < 4");
        await Eventually.TrueAsync("the second change is counted", () => Task.FromResult(instruments["transactions"] == 2));
        Assert.Equal(4, instruments["rows"]);
        Assert.True(instruments["unread"] >= 0);

        var failures = instruments["failures"] ?? 0; // attempts before the setup
        Volatile.Write(ref isFailing, true);
        await shop.Database.ExecuteAsync("UPDATE products SET price = 12 WHERE id < 4");
        await Eventually.TrueAsync("the reader fails and does not read", () => Task.FromResult(instruments["failures"] > failures && instruments["reading"] == 0));
        var unread = instruments["unread"];
        await shop.Database.ExecuteAsync("UPDATE products SET name = repeat('x', 1000)");
        await Eventually.TrueAsync("the unread log grows", () => Task.FromResult(instruments["unread"] > unread + 300_000));

        await shop.EndAsync(node);
        instruments.Clear();
        Assert.Equal((null, null), (instruments["reading"], instruments["unread"]));
    }
}
