using BenchmarkDotNet.Running;
using Unstale.Benchmarks.Budgets;

namespace Unstale.Benchmarks;

internal static class Program
{
    private static readonly LineCommand[] Commands = [LineCommands.Budgets, LineCommands.Peers];

    public static int Main(string[] args)
    {
        if (args is [var name, .. var rest] && Array.Find(Commands, command => command.Name == name) is { } command)
            return command.Run(rest, Console.Out, Console.Error);
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
    }
}
