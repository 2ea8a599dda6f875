using BenchmarkDotNet.Running;
using Unstale.Benchmarks.Budgets;

namespace Unstale.Benchmarks;

internal static class Program
{
    public static int Main(string[] args)
    {
        if (args is ["budgets", .. var rest])
            return BudgetCommand.Run(rest, Console.Out, Console.Error);
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
    }
}
