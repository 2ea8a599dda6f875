namespace Unstale.Benchmarks.Budgets;

/// <summary>
/// <c>NAME [group...] [--strict] [--quick]</c>: measures groups of lines and prints them under a heading. Default: all groups. With <c>--strict</c> a
/// missed goal sets the exit code.
/// </summary>
internal sealed record LineCommand(string Name, Func<string, string> Heading, IReadOnlyDictionary<string, Func<bool, IEnumerable<IMeasuredLine>>> Groups)
{
    private const int Kept = 0, Missed = 1, Misused = 2;

    public int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter errors)
    {
        var asked = arguments.Where(argument => !IsOption(argument)).ToList();
        var unknown = asked.Where(argument => !Groups.ContainsKey(argument)).ToList();
        if (unknown.Count > 0)
        {
            errors.WriteLine($"Unknown: {string.Join(", ", unknown)}. Usage: {Name} [group...] [--strict] [--quick]. Groups: {string.Join(", ", Groups.Keys)}.");
            return Misused;
        }

        var quick = arguments.Contains("--quick", StringComparer.Ordinal);
        output.WriteLine(Machine.Describe());
        if (quick)
            output.WriteLine("quick: small sizes and few rounds, to see that it runs; the figures mean little");

        var missed = 0;
        foreach (var group in asked.Count > 0 ? asked : [.. Groups.Keys])
            missed += Print(Heading(group), Groups[group](quick), output);
        output.WriteLine(missed == 0 ? "every budget kept" : $"{missed} missed");
        return missed > 0 && arguments.Contains("--strict", StringComparer.Ordinal) ? Missed : Kept;
    }

    private static bool IsOption(string argument) => argument is "--strict" or "--quick";

    private static int Print(string heading, IEnumerable<IMeasuredLine> lines, TextWriter output)
    {
        var missed = 0;
        output.WriteLine();
        output.WriteLine(heading);
        foreach (var line in lines)
        {
            output.WriteLine(line);
            missed += line.IsKept is false ? 1 : 0;
        }

        return missed;
    }
}
