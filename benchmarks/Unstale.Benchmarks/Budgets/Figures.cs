using System.Globalization;

namespace Unstale.Benchmarks.Budgets;

/// <summary>Text of figures; empty if not measured.</summary>
internal static class Figures
{
    public static string Times(double? ratio) => ratio is { } value ? value.ToString("0.00", CultureInfo.InvariantCulture) + "x" : "";

    public static string Of(double? figure, string unit) => figure is { } value
        ? value.ToString(value < 1 ? "0.####" : "#,0.0", CultureInfo.InvariantCulture) + " " + unit
        : "";

    public static string Verdict(bool? kept) => kept switch { true => "ok", false => "miss", null => "-" };
}
