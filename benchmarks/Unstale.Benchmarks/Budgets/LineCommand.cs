namespace Unstale.Benchmarks.Budgets;

/// <summary>
/// <c>NAME [group...] [--strict] [--quick] [--page FILE]</c>: measures groups of lines and prints them under a heading. Default: all groups. With
/// <c>--strict</c> a missed goal sets the exit code. With <c>--page</c> the lines that compare caches are also written to a page.
/// </summary>
internal sealed record LineCommand(string Name, Func<string, string> Heading, IReadOnlyDictionary<string, Func<bool, IEnumerable<IMeasuredLine>>> Groups)
{
    private const string Page = "--page";
    private const int Kept = 0, Missed = 1, Misused = 2;

    public int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter errors)
    {
        var at = arguments.ToList().IndexOf(Page);
        var file = at >= 0 && at + 1 < arguments.Count ? arguments[at + 1] : null;
        var asked = arguments.Where((argument, i) => !IsOption(argument) && (file is null || (i != at && i != at + 1))).ToList();
        var unknown = asked.Where(argument => !Groups.ContainsKey(argument)).ToList();
        if (unknown.Count > 0)
        {
            errors.WriteLine($"Unknown: {string.Join(", ", unknown)}. Usage: {Name} [group...] [--strict] [--quick] [--page FILE]. Groups: {string.Join(", ", Groups.Keys)}.");
            return Misused;
        }

        var quick = arguments.Contains("--quick", StringComparer.Ordinal);
        output.WriteLine(Machine.Describe());
        if (quick)
            output.WriteLine("quick: small sizes and few rounds, to see that it runs; the figures mean little");

        var missed = 0;
        var compared = new Dictionary<string, IReadOnlyList<IComparedLine>>(StringComparer.Ordinal);
        foreach (var group in asked.Count > 0 ? asked : [.. Groups.Keys])
        {
            var lines = Print(Heading(group), Groups[group](quick), output);
            missed += lines.Count(static line => line.IsKept is false);
            if (lines.OfType<IComparedLine>().ToList() is { Count: > 0 } some)
                compared[group] = some;
        }

        if (file is not null)
            WritePage(file, compared);
        output.WriteLine(missed == 0 ? "every budget kept" : $"{missed} missed");
        return missed > 0 && arguments.Contains("--strict", StringComparer.Ordinal) ? Missed : Kept;
    }

    private static bool IsOption(string argument) => argument is "--strict" or "--quick";

    private static List<IMeasuredLine> Print(string heading, IEnumerable<IMeasuredLine> lines, TextWriter output)
    {
        var printed = new List<IMeasuredLine>();
        output.WriteLine();
        output.WriteLine(heading);
        foreach (var line in lines)
        {
            output.WriteLine(line);
            printed.Add(line);
        }

        return printed;
    }

    private static void WritePage(string file, Dictionary<string, IReadOnlyList<IComparedLine>> compared)
    {
        using var page = new StreamWriter(file) { NewLine = "\n" };
        ComparisonPage.Write(page, compared);
    }
}
