using System.Diagnostics;

namespace Unstale.IntegrationTests.PostgreSql;

/// <summary>
/// The programs of PostgreSQL, from the PATH or from where Debian keeps them. They refuse to work for root, and run as the user
/// 'postgres' then.
/// </summary>
internal sealed class PostgresPrograms(string folder)
{
    private const string DebianFolder = "/usr/lib/postgresql";
    private const string User = "postgres";

    /// <exception cref="InvalidOperationException">They are not installed.</exception>
    public static PostgresPrograms Find()
    {
        var debian = Directory.Exists(DebianFolder)
            ? Directory.GetDirectories(DebianFolder).OrderByDescending(static version => int.TryParse(Path.GetFileName(version), out var number) ? number : 0)
            : Enumerable.Empty<string>();
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Concat(debian.Select(static version => Path.Combine(version, "bin")));
        return folders.FirstOrDefault(static folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres"))) is { } found
            ? new(found)
            : throw new InvalidOperationException(
                $"There is no initdb with its postgres on the PATH or in {DebianFolder}. Install them (apt-get install postgresql) or run test.sh as root.");
    }

    /// <summary>Lets the user that the programs run as write into a folder of ours.</summary>
    public static Task GiveAsync(string path) => Environment.IsPrivilegedProcess ? RunAsync(new("chown", ["-R", User, path])) : Task.CompletedTask;

    /// <summary>Makes an empty cluster with the user 'shop'.</summary>
    public Task InitializeAsync(string data, string passwordFile) => RunAsync(Command(
        "initdb", "-D", data, "-U", "shop", "-A", "scram-sha-256", "--pwfile", passwordFile, "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"));

    /// <summary>Starts the server. What it writes goes to the error stream.</summary>
    public Process Serve(string data, int port)
    {
        var start = Command(
            "postgres", "-D", data, "-p", port.ToString(), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off",
            "-c", "full_page_writes=off");
        start.RedirectStandardError = true;
        return Process.Start(start)!;
    }

    /// <summary>setpriv becomes the program itself, so that a signal to its process reaches the server.</summary>
    private ProcessStartInfo Command(string program, params string[] arguments)
    {
        var path = Path.Combine(folder, program);
        return Environment.IsPrivilegedProcess
            ? new("setpriv", [$"--reuid={User}", $"--regid={User}", "--init-groups", path, .. arguments])
            : new(path, arguments);
    }

    private static async Task RunAsync(ProcessStartInfo start)
    {
        start.RedirectStandardError = true;
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await output;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{start.FileName} {string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}: {error}");
        }
    }
}
