using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Unstale.EntityFrameworkCore.Telemetry;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Support;
using Unstale.Log;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Writes;

/// <summary>Database of one test with a cache, the records of its log, and its contexts.</summary>
internal sealed class WrittenShop : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<string> _records = new();
    private readonly ServiceProvider _services;
    private int _markers;

    private WrittenShop(string? postgres)
    {
        IsPostgres = postgres is not null;
        ConnectionString = postgres ?? $"Data Source={_folder.File("shop.db")};Pooling=False";
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(new Lines(this)));
        services.AddUnstale();
        _services = services.BuildServiceProvider();
        Cache = _services.GetRequiredService<UnstaleCache>();
        Cache.Events.Invalidated += (_, e) => _records.Enqueue(string.Join(" + ", Targets(e.Record!)));
    }

    public bool IsPostgres { get; }

    public string ConnectionString { get; }

    public UnstaleCache Cache { get; }

    public IServiceProvider Services => _services;

    public ConcurrentQueue<string> LogLines { get; } = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<WrittenShop> StartAsync(PostgresServer? server = null)
    {
        var shop = new WrittenShop(server is null ? null : await server.CreateDatabaseAsync());
        await using var context = shop.Context();
        await context.Database.EnsureCreatedAsync(Stop);
        context.Add(new Category { Id = 1, Products = { new Product { Id = 1, Cost = 10, Size = new Extent { Width = 3 } }, new Product { Id = 2, Cost = 20 } } });
        context.Add(new Category { Id = 2 });
        context.Add(new Label { Id = 1 });
        await context.SaveChangesAsync(Stop);
        if (shop.IsPostgres)
            await context.Database.ExecuteSqlRawAsync("""SELECT setval('category_id_seq', 10), setval('product_id_seq', 10), setval('"label_Id_seq"', 10)""", Stop);
        await shop.RecordsAsync();
        return shop;
    }

    public WriteContext Context(params IInterceptor[] interceptors) => Context(static _ => { }, interceptors);

    public WriteContext Context(Action<DbContextOptionsBuilder<WriteContext>> configure, params IInterceptor[] interceptors)
    {
        var options = new DbContextOptionsBuilder<WriteContext>();
        if (IsPostgres)
            options.UseNpgsql(ConnectionString);
        else
            options.UseSqlite(ConnectionString);
        options.UseApplicationServiceProvider(_services).UseUnstale().AddInterceptors(interceptors);
        configure(options);
        return new(options.Options);
    }

    /// <summary>Returns the records of the log since the last call, each with its targets.</summary>
    public async Task<string[]> RecordsAsync()
    {
        var marker = $"marker:{Interlocked.Increment(ref _markers)}";
        Task raised;
        using (ExecutionContext.SuppressFlow()) // the records of a unit of work appear only at its end
            raised = Task.Run(() => Cache.Invalidator.InvalidateTagAsync(marker).AsTask(), Stop);
        await raised;
        await Eventually.TrueAsync("the marker is in the log", () => Task.FromResult(_records.Contains(marker)));
        var records = _records.ToArray();
        _records.Clear();
        return [.. records.Where(static record => !record.StartsWith("marker:", StringComparison.Ordinal))];
    }

    /// <summary>Caches a value that depends on rows.</summary>
    public async Task HoldAsync(string key, Predicate rows) =>
        await Cache.GetOrCreateAsync(key, (load, _) =>
        {
            load.DependsOn(rows);
            return new ValueTask<int>(1);
        }, cancellationToken: Stop);

    public bool IsHeld(string key) => Cache.TryGet<int>(key, out _);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _folder.Dispose();
    }

    private static List<string> Targets(InvalidationRecord record)
    {
        var texts = new List<string>();
        foreach (var target in record.Targets)
            texts.Add(target.Text);
        return texts;
    }

    private sealed class Lines(WrittenShop shop) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id is EventIds.OldValuesUnknown or EventIds.EntriesUnreadable)
                shop.LogLines.Enqueue(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}
