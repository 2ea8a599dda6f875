using System.Globalization;
using System.Text.RegularExpressions;

namespace Unstale.Benchmarks.Redis;

/// <summary>Number of calls of each command, and the microseconds of the server for all of its calls.</summary>
internal sealed partial class CommandTotals
{
    private readonly Dictionary<string, (long Calls, long Microseconds)> _commands = new(StringComparer.Ordinal);

    public static CommandTotals Parse(string info)
    {
        var totals = new CommandTotals();
        foreach (Match line in Lines().Matches(info))
            totals._commands[line.Groups["name"].Value] = (Number(line, "calls"), Number(line, "usec"));
        return totals;
    }

    /// <summary>Returns calls and microseconds of some commands since <paramref name="before"/>.</summary>
    public (long Calls, long Microseconds) Since(CommandTotals before, params ReadOnlySpan<string> commands)
    {
        var (calls, microseconds) = (0L, 0L);
        foreach (var command in commands)
        {
            var (now, then) = (_commands.GetValueOrDefault(command), before._commands.GetValueOrDefault(command));
            (calls, microseconds) = (calls + now.Calls - then.Calls, microseconds + now.Microseconds - then.Microseconds);
        }

        return (calls, microseconds);
    }

    private static long Number(Match line, string group) => long.Parse(line.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^cmdstat_(?<name>[^:\r\n]+):calls=(?<calls>[0-9]+),usec=(?<usec>[0-9]+),", RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Lines();
}
