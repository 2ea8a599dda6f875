using Unstale.Boundary;
using Unstale.PostgreSql.Connection;

namespace Unstale.PostgreSql.Log;

/// <summary>Removes old records in small transactions, so that appends between them wait only shortly. Each node does so after a number of own appends.</summary>
/// <param name="connection">Function that returns the connection; null for none.</param>
/// <param name="statements">Statements of the log.</param>
/// <param name="keep">Number of records to keep.</param>
internal sealed class LogTrimmer(Func<CallConnection?> connection, LogStatements statements, int keep)
{
    /// <summary>Maximum number of records removed in one transaction.</summary>
    private const int Chunk = 2_000;

    /// <summary>Number of own appends between two passes: a sixteenth of the log.</summary>
    private readonly int _every = Math.Max(keep / 16, 16);
    private int _appended;
    private int _isRunning;

    /// <summary>Called after appends. Never waits.</summary>
    public void Appended(Generation generation, int count)
    {
        if (Interlocked.Add(ref _appended, count) >= _every)
            Begin(generation);
    }

    /// <summary>Begins a pass, unless one is running.</summary>
    public void Begin(Generation generation)
    {
        if (Interlocked.Exchange(ref _isRunning, 1) != 0)
            return;
        Volatile.Write(ref _appended, 0);
        WithoutExecutionContext.Begin((Trimmer: this, generation), static s => s.Trimmer.RunAsync(s.generation));
    }

    private async Task RunAsync(Generation generation)
    {
        try
        {
            while (connection() is { } open && await open.CallAsync(statements.Trim(generation, keep, Chunk), LogReplies.NumberAsync).ConfigureAwait(false) >= Chunk)
            {
            }
        }
        catch (DatabaseException)
        {
            // The next pass removes the records. Too many of them are no fault.
        }
        finally
        {
            Volatile.Write(ref _isRunning, 0);
        }
    }
}
