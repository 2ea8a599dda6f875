using System.Diagnostics;
using Unstale.IntegrationTests.Packaging;

namespace Unstale.IntegrationTests.Shop;

/// <summary>Shop, worker or another sample as a separate process, started as an operator would.</summary>
internal sealed class ShopProcess : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly Process _process;
    private readonly List<string> _received = [];

    private ShopProcess(Process process) => _process = process;

    public static ShopProcess Start(string folder, params string[] arguments) => StartProgram("Shop", folder, arguments);

    /// <summary>Starts the worker in the same way.</summary>
    public static ShopProcess StartWorker(string folder, params string[] arguments) => StartProgram("Shop.Worker", folder, arguments);

    public static ShopProcess StartProgram(string program, string folder, string[] arguments) =>
        StartAssembly(Path.Combine(AppContext.BaseDirectory, $"{program}.dll"), folder, arguments);

    /// <summary>Starts a program that another build has produced.</summary>
    public static ShopProcess StartAssembly(string assembly, string folder, string[] arguments)
    {
        var start = new ProcessStartInfo(Dotnet.Program)
        {
            UseShellExecute = false,
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(assembly);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);

        return new ShopProcess(Process.Start(start)!);
    }

    /// <summary>Waits until the process listens, and returns its address.</summary>
    public async Task<Uri> AddressAsync(CancellationToken cancellationToken)
    {
        while (await _process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            _received.Add(line);
            if (line.IndexOf(Listening, StringComparison.Ordinal) is var at and >= 0)
                return new Uri(line[(at + Listening.Length)..]);
        }

        throw new InvalidOperationException("It ended: " + await _process.StandardError.ReadToEndAsync(cancellationToken));
    }

    /// <summary>Returns the output written before the address was reported, then the output until the process ends.</summary>
    public async IAsyncEnumerable<string> LinesAsync()
    {
        foreach (var line in _received)
            yield return line;
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
            yield return line;
    }

    /// <summary>Returns the exit code, the error stream and the output.</summary>
    public async Task<(int Code, string Error, string Output)> EndAsync(CancellationToken cancellationToken)
    {
        var error = _process.StandardError.ReadToEndAsync(cancellationToken);
        var output = _process.StandardOutput.ReadToEndAsync(cancellationToken);
        await _process.WaitForExitAsync(cancellationToken);
        return (_process.ExitCode, await error, await output);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
