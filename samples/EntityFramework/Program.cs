using System.Globalization;
using System.Runtime.InteropServices;
using CatalogueSample;
using Npgsql;

// Without an argument: SQLite. With a connection string of PostgreSQL, and a number of changes if the program is to end by itself: changes of other programs.
using var stop = new CancellationTokenSource();

// Ctrl-C, and the signal of a container that stops.
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);

try
{
    var changes = int.MaxValue;
    if (args.Length == 0)
    {
        await Demo.RunAsync(Console.Out);
        return 0;
    }

    if (args.Length > 2 || (args.Length == 2 && !int.TryParse(args[1], NumberStyles.None, CultureInfo.InvariantCulture, out changes)))
    {
        await Console.Error.WriteLineAsync("Pass nothing, or a connection string of PostgreSQL, and behind it a number of changes after which the program ends.");
        return 2;
    }

    await Watch.RunAsync(args[0], changes, Console.Out, stop.Token);
    return 0;
}
catch (Exception exception) when (exception is NpgsqlException or ArgumentException or InvalidOperationException or TimeoutException or OperationCanceledException)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}

void End(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
