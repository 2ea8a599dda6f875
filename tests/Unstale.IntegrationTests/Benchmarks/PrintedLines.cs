using Unstale.Benchmarks.Budgets;
using Xunit;

namespace Unstale.IntegrationTests.Benchmarks;

/// <summary>Output of a command that prints tables.</summary>
internal static class PrintedLines
{
    public static (int Status, string[] Lines, string Errors) Run(LineCommand command, params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var status = command.Run(arguments, output, errors);
        return (status, output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries), errors.ToString());
    }

    /// <summary>Returns the only line of a name.</summary>
    public static string Named(string name, string[] lines) => Assert.Single(lines, line => line.StartsWith(name + "  ", StringComparison.Ordinal));
}
