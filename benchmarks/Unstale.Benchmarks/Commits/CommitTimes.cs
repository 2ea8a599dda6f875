using System.Diagnostics;
using System.Globalization;
using Unstale.Log;

namespace Unstale.Benchmarks.Commits;

/// <summary>Times at which the commit of each row had returned, and at which the other node had applied its record or received a bare message. Each row is written once.</summary>
internal sealed class CommitTimes(int rows) : IRecordListener
{
    private const string Id = "id=";

    private readonly long[] _committed = new long[rows + 1];
    private readonly long[] _gone = new long[rows + 1];
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private int _missing = rows;

    /// <summary>Completes when the records of all rows are applied.</summary>
    public Task All => _all.Task;

    /// <summary>Notes that the commit of a row has returned. Later calls are ignored.</summary>
    public void Committed(int row) => Interlocked.CompareExchange(ref _committed[row], Stopwatch.GetTimestamp(), 0);

    public void Passed(in LogPosition position, InvalidationRecord record)
    {
        var now = Stopwatch.GetTimestamp();
        foreach (ref readonly var target in record.Targets)
        {
            if (target.Kind == TargetKind.Row && RowOf(target.Text) is { } row)
                Gone(row, now);
        }
    }

    /// <summary>Notes that a message about a row was received.</summary>
    public void Gone(int row) => Gone(row, Stopwatch.GetTimestamp());

    /// <summary>Notes that no row is served any more. A record of unknown rows, or a node that began anew, names none.</summary>
    public void AllGone()
    {
        var now = Stopwatch.GetTimestamp();
        for (var row = 1; row < _gone.Length; row++)
            Gone(row, now);
    }

    public void Skipped(in LogPosition position)
    {
    }

    /// <summary>Returns the delays of rows in microseconds, ascending. A record that was applied before the commit had returned has the delay 0.</summary>
    public double[] Microseconds(int first, int last) =>
        [.. Enumerable.Range(first, last - first + 1).Select(row => Math.Max(0, Stopwatch.GetElapsedTime(_committed[row], _gone[row]).TotalMicroseconds)).Order()];

    /// <summary>Returns the commits per second between two rows.</summary>
    public double Rate(int first, int last)
    {
        var times = _committed.AsSpan(first, last - first + 1).ToArray();
        return (times.Length - 1) / Stopwatch.GetElapsedTime(times.Min(), times.Max()).TotalSeconds;
    }

    private void Gone(int row, long now)
    {
        lock (_gate)
        {
            if (_gone[row] != 0)
                return;
            _gone[row] = now;
            if (--_missing == 0)
                _all.SetResult();
        }
    }

    /// <summary>Returns the row of a change: the digits after the first <c>id=</c>.</summary>
    private static int? RowOf(string change)
    {
        var at = change.IndexOf(Id, StringComparison.Ordinal);
        if (at < 0)
            return null;
        var digits = change.AsSpan(at + Id.Length);
        var end = digits.IndexOfAnyExceptInRange('0', '9');
        return int.Parse(end < 0 ? digits : digits[..end], CultureInfo.InvariantCulture);
    }
}
