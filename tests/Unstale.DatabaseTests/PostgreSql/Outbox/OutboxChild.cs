using System.Diagnostics;
using Unstale.DatabaseTests.PostgreSql.Support;
using Unstale.PostgreSql.Outbox;
using Xunit;

namespace Unstale.DatabaseTests.PostgreSql.Outbox;

/// <summary>Process that kills itself at a step. Started by <see cref="OutboxCrashTests"/> alone.</summary>
public sealed class OutboxChild
{
    [Fact(Explicit = true)]
    public async Task Runs()
    {
        if (Environment.GetEnvironmentVariable("UNSTALE_CHILD")?.Split(' ', 3) is not [var role, var step, var database])
            return;
        var at = Enum.Parse<OutboxStep>(step);
        await using var shop = new ShopDatabase(database);
        await using var node = await ShopNode.StartWithOutboxAsync(shop, o =>
        {
            o.IsRelay = role == "relay";
            o.Reached = reached =>
            {
                if (reached == at)
                    Process.GetCurrentProcess().Kill();
            };
        });
        if (role == "writer")
            await node.Outbox.SetPriceAsync(shop, await shop.PriceAsync(4) + 1);
        await Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
    }
}
