using Unstale.DatabaseTests.PostgreSql.Support;
using Unstale.PostgreSql.Outbox;
using Xunit;

namespace Unstale.DatabaseTests.PostgreSql.Outbox;

/// <summary>Process that kills itself when it reaches a step for the given time. Started by <see cref="OutboxCrashTests"/> alone.</summary>
public sealed class OutboxChild
{
    [Fact(Explicit = true)]
    public async Task Runs()
    {
        if (KilledProcess.Arguments(4) is not [var role, var step, var times, var database])
            return;
        var (at, left) = (Enum.Parse<OutboxStep>(step), int.Parse(times));
        await using var shop = new ShopDatabase(database);
        await using var node = await ShopNode.StartWithOutboxAsync(shop, o =>
        {
            o.IsRelay = role != "writer";
            o.Reached = reached =>
            {
                if (reached == at && Interlocked.Decrement(ref left) <= 0)
                    KilledProcess.KillSelf();
            };
        });
        if (role == "writer")
            await node.Outbox.SetPriceAsync(shop, await shop.PriceAsync(4) + 1);
        var random = new Random(Environment.ProcessId);
        for (var begin = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(begin) < TimeSpan.FromSeconds(20);)
        {
            if (role == "shop")
                await node.Outbox.RaisePriceAsync(shop, ShopTraffic.Product(random), isCommittedByOutbox: random.Next(2) == 0);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
