using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Caching.Hybrid;

namespace Unstale.Tests.Conformance;

/// <summary>The differences as Markdown, for the page about migration.</summary>
internal static partial class DifferenceTable
{
    public static string Print()
    {
        var (all, different) = (Behaviours.All.Count(), Behaviours.All.Count(static behaviour => behaviour.Reason is not null));
        var text = new StringBuilder();
        text.Append($"Version {Version()} of Microsoft's package, without a second level: of {all} behaviours, {all - different} are the same and {different} differ.\n");
        foreach (var (title, members) in Behaviours.Groups)
            Append(text, title, members);
        return text.ToString();
    }

    /// <summary>Marks names of code.</summary>
    public static string Marked(string text) => Code().Replace(text, "`$0`");

    private static void Append(StringBuilder text, string title, Behaviour[] members)
    {
        var different = members.Where(static behaviour => behaviour.Reason is not null).ToList();
        if (different.Count == 0)
            return;
        text.Append($"\n#### {title}\n\n| behaviour | `AddHybridCache` | `AddUnstale` | reason for the difference |\n|---|---|---|---|\n");
        foreach (var behaviour in different)
        {
            string[] cells = [behaviour.Name, behaviour.Expected(Implementation.AddHybridCache), behaviour.Expected(Implementation.AddUnstale), behaviour.Reason!];
            text.Append($"| {string.Join(" | ", cells.Select(Marked))} |\n");
        }
    }

    private static string Version() => typeof(HybridCacheOptions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>Matches names of code and the tag for everything, which Markdown would take for markup.</summary>
    [GeneratedRegex(@"typeof\([^)]*\)|\bI?(?:[A-Z][a-z]+){2,}(?:\.[A-Z]\w+)*(?:\(\w+\))?|\w*\*\w*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Code();
}
