using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Unstale;
using Unstale.Queries;

namespace Native;

/// <summary>One node: a host with a cache, and a source of products that counts its loads.</summary>
internal sealed class Node : IAsyncDisposable
{
    private const string Settings = """
        {
          "Caching": {
            "DefaultExpiration": "00:10:00",
            "DataTypes": { "product": { "Expiration": "00:05:00" } },
            "Rules": [
              { "Name": "prices", "When": "product", "Fields": "price", "Invalidate": "price:{id}" }
            ]
          }
        }
        """;

    private readonly IHost _host;

    private Node(IHost host, LastLine log) => (_host, Log) = (host, log);

    public LastLine Log { get; }

    public UnstaleCache Cache => _host.Services.GetRequiredService<UnstaleCache>();

    public IInvalidator Invalidator => _host.Services.GetRequiredService<IInvalidator>();

    public QueryCache Queries => _host.Services.GetRequiredService<QueryCache>();

    public CompositeInvalidationStrategy Events => _host.Services.GetRequiredService<CompositeInvalidationStrategy>();

    public int Loads { get; private set; }

    /// <param name="redis">Connection string of a Redis server; null for a log in this process.</param>
    public static async Task<Node> StartAsync(string? redis)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        var log = new LastLine();
        builder.Logging.AddProvider(log);
        builder.Configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(Settings)));
        Add(builder.Services, builder.Configuration.GetSection("Caching"), redis);
        var node = new Node(builder.Build(), log);
        await node._host.StartAsync();
        return node;
    }

    /// <summary>Reads a product through the cache.</summary>
    public ValueTask<Product> ProductAsync(int id) => Cache.GetOrCreateAsync(
        string.Create(CultureInfo.InvariantCulture, $"product:{id}"),
        (node: this, id),
        static (s, _) => ValueTask.FromResult(s.node.Load(s.id)),
        tags: [string.Create(CultureInfo.InvariantCulture, $"price:{id}")]);

    public Product Load(int id)
    {
        Loads++;
        return new Product(id, "Lamp", 34.95m, ["new", "brass"]);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private static void Add(IServiceCollection services, IConfigurationSection section, string? redis)
    {
        var unstale = services.AddUnstale(section)
            .WithJsonSerializerOptions(new JsonSerializerOptions { TypeInfoResolver = ProductJson.Default })
            .AddQueryCache(o => o.JsonTypeInfoResolver = ProductJson.Default)
            .AddRules(section.GetSection("Rules"))
            .InvalidateOn<PriceChanged>((e, i) => i.Tags($"price:{e.Product}").Queries<FindProducts>());
        if (redis is not null)
            unstale.UseRedis(redis);
    }
}
