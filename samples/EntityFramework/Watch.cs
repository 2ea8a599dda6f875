using System.Globalization;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Unstale;
using Unstale.PostgreSql;

namespace CatalogueSample;

/// <summary>Keeps one list cached, and prints the effect of each change that another program commits to the tables of the sample.</summary>
internal sealed class Watch(IHost host, WatchedDatabase database, TextWriter output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly UnstaleCache _cache = host.Services.GetRequiredService<UnstaleCache>();
    private readonly PostgreSqlChangeCapture _capture = host.Services.GetRequiredService<PostgreSqlChangeCapture>();
    private readonly Catalogue _catalogue = host.Services.GetRequiredService<Catalogue>();
    private readonly Channel<CacheInvalidationEventArgs> _applied = Channel.CreateUnbounded<CacheInvalidationEventArgs>();

    private bool IsCached => _cache.Explain(Lamps.Key).State == EntryState.Live;

    private static CachedResult Lamps => CachedResult.All[0];

    /// <summary>Creates the schema, prints the effects of changes, and drops the schema.</summary>
    /// <param name="connectionString">Connection string of a user with the attribute <c>REPLICATION</c>.</param>
    /// <param name="changes">Number of changes after which the program ends.</param>
    /// <param name="output">Receives one line for each change.</param>
    /// <param name="stop">Ends the program.</param>
    public static async Task RunAsync(string connectionString, int changes, TextWriter output, CancellationToken stop)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        using var host = Build(connectionString);
        var watch = new Watch(host, new WatchedDatabase(source), output);
        await watch._capture.DropAsync(stop); // of a run that was killed; refused while another run reads
        try
        {
            await watch.StartAsync(stop);
            await watch.PrintAsync(changes, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Ctrl-C is the usual end.
        }
        finally
        {
            await watch.EndAsync();
        }
    }

    private static IHost Build(string connectionString)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddDbContextFactory<CatalogueContext>(options => options.UseNpgsql(connectionString));
        builder.Services.AddUnstale().UseEntityFrameworkCore<CatalogueContext>().UsePostgreSqlChangeCapture(o =>
        {
            o.ConnectionString = connectionString;
            o.Slot = o.Publication = CatalogueContext.Schema;
            o.AddTable($"{CatalogueContext.Schema}.products");
        });
        builder.Services.AddSingleton<Catalogue>();
        return builder.Build();
    }

    private async Task StartAsync(CancellationToken stop)
    {
        await using (var context = await host.Services.GetRequiredService<IDbContextFactory<CatalogueContext>>().CreateDbContextAsync(stop))
            await database.CreateAsync(context);
        await _capture.SetupAsync(stop);
        await host.StartAsync(stop);

        // The first change that a reader sees counts as a change of the whole table, so the list is no longer cached once changes are captured.
        await Lamps.ReadAsync(_catalogue);
        await database.TouchAsync();
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        while (IsCached)
        {
            if (limit.IsCancellationRequested)
                throw new TimeoutException($"No change was captured within {Limit.TotalSeconds} s. {string.Join(' ', (await _capture.GetStatusAsync(stop)).Warnings)}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, stop);
        }

        await database.SinceCommitAsync(); // the first call is slower, and would count as delay of the first change
        _cache.Events.Invalidated += (_, applied) => _applied.Writer.TryWrite(applied);
    }

    private async Task PrintAsync(int changes, CancellationToken stop)
    {
        await output.WriteLineAsync($"cached: {await Lamps.ReadAsync(_catalogue)}");
        for (var change = 0; change < changes; change++)
        {
            await _applied.Reader.ReadAsync(stop);
            var isCached = IsCached;
            var elapsed = await database.SinceCommitAsync();
            var effect = isCached ? "still cached" : $"invalidated; now {await Lamps.ReadAsync(_catalogue)}";
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{elapsed:0} ms after the commit: {effect}"));
        }
    }

    private async Task EndAsync()
    {
        await host.StopAsync(CancellationToken.None);
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        while (!limit.IsCancellationRequested && (await _capture.GetStatusAsync(CancellationToken.None)).IsReading)
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None); // the server notices the end of the reader
        await _capture.DropAsync(CancellationToken.None);
        await database.DropAsync();
    }
}
