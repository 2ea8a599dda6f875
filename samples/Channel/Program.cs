using System.Runtime.InteropServices;
using ChannelSample;

// publisher | subscriber | integration, and the server: localhost:6379 if none is named.
var redis = args.Length > 1 ? args[1] : "localhost:6379";
using var stop = new CancellationTokenSource();

// Ctrl-C, and the signal of a container that stops.
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);

try
{
    switch (args.FirstOrDefault())
    {
        case "publisher":
            await Publishing.RunAsync(redis);
            return 0;
        case "subscriber":
            await Subscribing.RunAsync(redis, stop.Token);
            return 0;
        case "integration":
            await Integration.RunAsync(redis, stop.Token);
            return 0;
        default:
            await Console.Error.WriteLineAsync("Say what to run: publisher, subscriber or integration, and behind it host:port of a Redis other than localhost:6379.");
            return 2;
    }
}
catch (Exception exception) when (exception is IOException or FormatException or TimeoutException)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}

void End(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
