using System.Diagnostics;
using Xunit;

namespace Unstale.DatabaseTests.PostgreSql.Support;

/// <summary>Second process of the tests, which kills itself at a step or is killed by the test.</summary>
internal sealed class KilledProcess : IDisposable
{
    private const string Variable = "UNSTALE_CHILD";
    private const int Killed = 128 + 9;

    private readonly Process _process;
    private readonly Task<string> _output;

    private KilledProcess(Process process) => (_process, _output) = (process, process.StandardOutput.ReadToEndAsync());

    public bool HasEnded => _process.HasExited;

    /// <summary>Starts a process that runs the explicit tests of a class.</summary>
    /// <param name="arguments">Arguments without spaces, the connection string last.</param>
    public static KilledProcess Start<TTests>(params object[] arguments)
    {
        var start = new ProcessStartInfo(
            "dotnet", ["exec", typeof(TTests).Assembly.Location, "-noLogo", "-noColor", "-explicit", "only", "-class", typeof(TTests).FullName!])
        {
            RedirectStandardOutput = true, UseShellExecute = false,
        };
        start.Environment[Variable] = string.Join(' ', arguments);
        return new(Process.Start(start)!);
    }

    /// <summary>Returns the arguments of this process; none if a test did not start it.</summary>
    public static string[] Arguments(int count) => Environment.GetEnvironmentVariable(Variable)?.Split(' ', count) ?? [];

    /// <summary>Kills this process without any clean-up.</summary>
    public static void KillSelf() => Process.GetCurrentProcess().Kill();

    public void Kill() => _process.Kill();

    /// <summary>Waits for the end, and fails unless the process was killed.</summary>
    public async Task EndAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(_process.ExitCode == Killed, $"The process was not killed but ended with {_process.ExitCode}: {await _output}");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
