using Unstale.DatabaseTests.PostgreSql.Support;
using Unstale.PostgreSql.Capture;
using Xunit;

namespace Unstale.DatabaseTests.PostgreSql.Capture;

/// <summary>Process that captures, and kills itself when it reaches a step for the given time. Started by other tests alone.</summary>
public sealed class CaptureChild
{
    [Fact(Explicit = true)]
    public async Task Runs()
    {
        if (KilledProcess.Arguments(3) is not [var step, var times, var database])
            return;
        var (at, left) = (Enum.Parse<CaptureStep>(step), int.Parse(times));
        await using var shop = new ShopDatabase(database);
        var capture = new CaptureShop(shop); // not disposed, because its end drops the slot
        await capture.StartAsync(setsUp: false, change: o => o.Reached = reached =>
        {
            if (reached == at && Interlocked.Decrement(ref left) <= 0)
                KilledProcess.KillSelf();
        });
        await Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
    }
}
