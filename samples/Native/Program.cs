using Native;

// The argument is the connection string of a Redis server. Without it, the log and the values are in this process.
await using (var node = await Node.StartAsync(redis: null))
    await Checks.RunAsync(node);

if (args is [var redis])
{
    await using var first = await Node.StartAsync(redis);
    await using var second = await Node.StartAsync(redis);
    await Checks.SharesAsync(first, second);
}

Console.WriteLine("all checks passed");
