namespace Shop.Load;

/// <summary>Program: its arguments, its work and its exit code.</summary>
internal static class LoadProgram
{
    private const int NoneStale = 0;
    private const int SomeStale = 1;
    private const int CouldNotRun = 2;

    /// <param name="args">Arguments of the command line.</param>
    /// <param name="output">Writer for the report.</param>
    /// <param name="error">Writer for the one sentence if the load cannot run.</param>
    /// <param name="end">Ends the load early, as Ctrl-C does. The measurements until then are reported.</param>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, CancellationToken end = default)
    {
        var commandLine = new CommandLine();
        commandLine.Root.SetAction((parsed, cancellationToken) => RunAsync(commandLine.Read(parsed), output, cancellationToken));
        var parsed = commandLine.Root.Parse(args);
        if (parsed.Errors is [var first, ..])
        {
            await error.WriteLineAsync(first.Message);
            return CouldNotRun;
        }

        try
        {
            return await parsed.InvokeAsync(new() { Output = output, Error = error, EnableDefaultExceptionHandler = false }, end);
        }
        catch (LoadException exception)
        {
            await error.WriteLineAsync(exception.Message);
            return CouldNotRun;
        }
    }

    private static async Task<int> RunAsync(Settings settings, TextWriter output, CancellationToken cancellationToken)
    {
        using var cluster = await Cluster.FindAsync(settings, cancellationToken);
        var judge = new Judge(settings.Allow, settings.Bound, cluster.Servers.Count);
        var load = new LoadRun(cluster, judge, settings);
        IReadOnlyList<StrategyFigures> table = [];
        try
        {
            await load.RunAsync(cancellationToken);
            if (settings.Rounds > 0 && !cancellationToken.IsCancellationRequested)
                table = await new Comparison(cluster, judge, settings).MeasureAsync(cancellationToken);
        }
        finally
        {
            await cluster.PutPricesBackAsync();
        }

        await Report.WriteAsync(output, cluster, load, judge, table);
        if (load.Reads.Count == 0)
            throw new LoadException("No read was answered, so there is nothing to judge.");

        return judge.Stale + table.Count(static figures => figures.ShownAfter is null) == 0 ? NoneStale : SomeStale;
    }
}
