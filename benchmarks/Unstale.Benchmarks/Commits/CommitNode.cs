using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Unstale.Benchmarks.Measuring;
using Unstale.Hosting;
using Unstale.Log;
using Unstale.Predicates;

namespace Unstale.Benchmarks.Commits;

/// <summary>Process of a cluster, with its hosted services.</summary>
internal sealed class CommitNode : IDisposable
{
    private const string Table = "products";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly ServiceProvider _services;
    private readonly IHostedService[] _hosted;

    /// <param name="configure">Adds the log, and further parts.</param>
    public CommitNode(Action<IUnstaleBuilder> configure)
    {
        var services = new ServiceCollection();
        configure(services.AddUnstale(static options => (options.MaximumEntries, options.DefaultExpiration) = (1_000_000, TimeSpan.FromHours(1))));
        _services = services.BuildServiceProvider();
        _hosted = [.. _services.GetServices<IHostedService>()];
        foreach (var service in _hosted)
            service.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        Cache = Service<UnstaleCache>();
        if (!SpinWait.SpinUntil(() => Cache.GetLogState().IsTrusted, Limit))
            throw new InvalidOperationException("The log did not confirm the position of the node.");
    }

    public UnstaleCache Cache { get; }

    public T Service<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>Stores a value for each row, which depends on the price in this row alone.</summary>
    public void Store(int rows)
    {
        for (var row = 1; row <= rows; row++)
        {
            var id = row;
            Cache.GetOrCreateAsync(Key(row), (context, _) =>
            {
                context.DependsOn(Predicate.On(Table).Where("id", id).Using("price"));
                return ValueTask.FromResult(id);
            }).Wait();
        }
    }

    /// <summary>Returns the number of rows whose value the node serves.</summary>
    public int Served(int rows) => Enumerable.Range(1, rows).Count(row => Cache.TryGet<int>(Key(row), out _));

    /// <summary>Passes each record to a listener once the record is in force on this node.</summary>
    public void Follow(IRecordListener listener) =>
        Service<LogNodes>().Get(Service<Microsoft.Extensions.Options.IOptionsMonitor<UnstaleOptions>>().Get("default")).Nodes[0].Add(listener);

    public void Dispose()
    {
        foreach (var service in _hosted)
            service.StopAsync(CancellationToken.None).GetAwaiter().GetResult();
        _services.DisposeAsync().Wait();
    }

    private static string Key(int row) => $"price:{row}";
}
