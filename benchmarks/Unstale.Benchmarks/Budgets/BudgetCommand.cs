namespace Unstale.Benchmarks.Budgets;

/// <summary><c>budgets [group...] [--strict] [--quick]</c>.</summary>
internal static class BudgetCommand
{
    private const int Kept = 0, Missed = 1, Misused = 2;

    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter errors)
    {
        var asked = arguments.Where(argument => !IsOption(argument)).ToList();
        var unknown = asked.Where(argument => !BudgetGroups.All.ContainsKey(argument)).ToList();
        if (unknown.Count > 0)
        {
            errors.WriteLine($"Unknown: {string.Join(", ", unknown)}. Usage: budgets [group...] [--strict] [--quick]. Groups: {string.Join(", ", BudgetGroups.All.Keys)}.");
            return Misused;
        }

        var quick = arguments.Contains("--quick", StringComparer.Ordinal);
        output.WriteLine(Machine.Describe());
        if (quick)
            output.WriteLine("quick: small sizes and few rounds, to see that it runs; the figures mean little");

        var missed = 0;
        foreach (var group in asked.Count > 0 ? asked : [.. BudgetGroups.All.Keys])
            missed += Print(group, BudgetGroups.All[group](quick), output);
        output.WriteLine(missed == 0 ? "every budget kept" : $"{missed} missed");
        return missed > 0 && arguments.Contains("--strict", StringComparer.Ordinal) ? Missed : Kept;
    }

    private static bool IsOption(string argument) => argument is "--strict" or "--quick";

    private static int Print(string group, IEnumerable<BudgetLine> lines, TextWriter output)
    {
        var missed = 0;
        output.WriteLine();
        output.WriteLine(BudgetLine.Heading(group));
        foreach (var line in lines)
        {
            output.WriteLine(line);
            missed += line.IsKept is false ? 1 : 0;
        }

        return missed;
    }
}
