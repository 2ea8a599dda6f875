using System.Text.RegularExpressions;
using Unstale.Tests.Support;

namespace Unstale.Tests.Documentation;

/// <summary>Instrument in the sources of the product.</summary>
/// <param name="Name">Name of the instrument.</param>
/// <param name="Kind">Counter, gauge or histogram. Prometheus has no counter that decreases, so such a counter is a gauge.</param>
/// <param name="Unit">Unit, in the notation of UCUM.</param>
internal sealed partial record ProductInstrument(string Name, string Kind, string Unit)
{
    /// <summary>Instruments of all projects, by name.</summary>
    public static IReadOnlyList<ProductInstrument> All { get; } =
    [
        .. Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*Metrics*.cs", SearchOption.AllDirectories)
            .SelectMany(static file => Creation().Matches(File.ReadAllText(file)))
            .Select(static m => Of(m.Groups["call"].Value, m.Groups["name"].Value, UnitOf().Match(m.Groups["rest"].Value)))
            .OrderBy(static one => one.Name, StringComparer.Ordinal),
    ];

    /// <summary>Names of the attributes of measurements.</summary>
    public static IReadOnlyList<string> Attributes { get; } =
        [.. Quoted().Matches(File.ReadAllText(Path.Combine(Repository.Root, "src", "Unstale", "Telemetry", "Names.cs"))).Select(static m => m.Groups["name"].Value)];

    /// <summary>
    /// Names in Prometheus: dots become underscores, the unit is a suffix unless it is an annotation in braces, counters end in <c>_total</c>, and a histogram
    /// has three series.
    /// </summary>
    public IEnumerable<string> PrometheusNames
    {
        get
        {
            var name = Name.Replace('.', '_') + Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
            return Kind switch { "counter" => [name + "_total"], "histogram" => [name + "_bucket", name + "_sum", name + "_count"], _ => [name] };
        }
    }

    private static ProductInstrument Of(string call, string name, Match unit) => new(
        name,
        call.Contains("UpDown", StringComparison.Ordinal) || call.Contains("Gauge", StringComparison.Ordinal) ? "gauge"
            : call.Contains("Histogram", StringComparison.Ordinal) ? "histogram"
            : "counter",
        unit.Success ? unit.Groups["unit"].Value : "s");

    [GeneratedRegex("""(?<call>\w+)(<\w+>)?\(\s*"(?<name>unstale\.[a-z.]+)"(?<rest>.*?);\r?\n""", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex Creation();

    /// <summary>A histogram of seconds is created without a unit in its call.</summary>
    [GeneratedRegex("\"(?<unit>s|By|\\{[a-z]+\\})\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UnitOf();

    [GeneratedRegex("\"(?<name>unstale\\.[a-z.]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Quoted();
}
