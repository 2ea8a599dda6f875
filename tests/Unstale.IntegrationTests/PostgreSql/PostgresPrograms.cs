using System.Diagnostics;

namespace Unstale.IntegrationTests.PostgreSql;

/// <summary>
/// PostgreSQL programs, found on the PATH or in Debian's folder. The programs refuse to run as root; in that case the user 'postgres' runs them.
/// </summary>
internal sealed class PostgresPrograms(string folder)
{
    private const string DebianFolder = "/usr/lib/postgresql";
    private const string User = "postgres";

    /// <exception cref="InvalidOperationException">The programs are not installed.</exception>
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

    /// <summary>Makes the user that runs the programs the owner of a folder.</summary>
    public static Task GiveAsync(string path) => Environment.IsPrivilegedProcess ? RunAsync(new("chown", ["-R", User, path])) : Task.CompletedTask;

    /// <summary>Creates an empty database cluster with the user 'shop'.</summary>
    public Task InitializeAsync(string data, string passwordFile) => RunAsync(Command(
        "initdb", "-D", data, "-U", "shop", "-A", "scram-sha-256", "--pwfile", passwordFile, "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"));

    /// <summary>Runs a statement in psql, which is on the PATH and runs as any user.</summary>
    /// <param name="address">Address of the database, <c>postgresql://user:password@host:port/database</c>.</param>
    /// <param name="sql">Statement.</param>
    public static Task PsqlAsync(string address, string sql) => RunAsync(new("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", address, "-c", sql]));

    /// <summary>Starts the server, which writes its log to the error stream.</summary>
    /// <param name="data">Folder of the database cluster.</param>
    /// <param name="port">Port of the server.</param>
    /// <param name="isDurable">Whether commits wait for the disk.</param>
    public Process Serve(string data, int port, bool isDurable)
    {
        string[] fast = isDurable ? [] : ["-c", "fsync=off", "-c", "full_page_writes=off"];
        var start = Command("postgres", ["-D", data, "-p", port.ToString(), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "wal_level=logical", .. fast]);
        start.RedirectStandardError = true;
        return Process.Start(start)!;
    }

    /// <summary>
    /// Returns the start info of a program. setpriv replaces itself with the program, so a signal to the process reaches the server.
    /// </summary>
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
