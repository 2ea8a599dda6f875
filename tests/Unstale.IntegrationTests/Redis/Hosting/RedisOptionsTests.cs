using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Unstale.Redis;
using Unstale.Redis.Connection;
using Unstale.Redis.Hosting;
using Unstale.Redis.SecondLevel;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Hosting;

/// <summary>Redis options: defaults, refusals and effects.</summary>
public sealed class RedisOptionsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Refusals => [.. AllRefusals.Keys];

    private static Dictionary<string, Action<RedisOptions>> AllRefusals { get; } = new(StringComparer.Ordinal)
    {
        ["UseRedis received no connection string: configuration[\"Redis:Server\"] is null or empty. Set Redis:Server in the configuration of the application (Redis__Server in its environment)."] =
            static o => (o.Configuration, o.MissingFrom) = ("", "configuration[\"Redis:Server\"]"),
        ["The Redis connection string is invalid: its port is not a number from 1 to 65535."] = static o => o.Configuration = "host:x",
        ["Configuration and ConfigurationOptions are both set. Keep one of the two."] = static o => o.ConfigurationOptions = new() { EndPoints = { "host" } },
        ["Configuration and ConnectionMultiplexerFactory are both set. Keep one of the two."] = static o => o.ConnectionMultiplexerFactory = static () => throw new NotSupportedException(),
        ["ConfigurationOptions has no endpoint. Add the server to EndPoints."] = static o => (o.Configuration, o.ConfigurationOptions) = ("", new()),
        ["Database is -1; it must be from 0 to 2147483647."] = static o => o.Database = -1,
        ["KeyPrefix is empty. Set the prefix of the keys on the server, or keep the default 'unstale'."] = static o => o.KeyPrefix = " ",
        ["RequestTimeout is 00:00:00.0090000; it must be from 00:00:00.0100000 to 00:01:00."] = static o => o.RequestTimeout = TimeSpan.FromMilliseconds(9),
        ["RequestTimeout is 00:01:01; it must be from 00:00:00.0100000 to 00:01:00."] = static o => o.RequestTimeout = TimeSpan.FromSeconds(61),
        ["CompressionThreshold is -1; it must be from 0 to 2147483647."] = static o => o.CompressionThreshold = -1,
        ["LogLength is 99; it must be from 100 to 10000000."] = static o => o.LogLength = 99,
        ["LogLength is 10000001; it must be from 100 to 10000000."] = static o => o.LogLength = 10_000_001,
    };

    [Fact]
    public void Redis_options_have_the_documented_defaults()
    {
        var options = new RedisOptions();
        Assert.Equal(("", "unstale", 2_048, 100_000), (options.Configuration, options.KeyPrefix, options.CompressionThreshold, options.LogLength));
        Assert.True(options.SecondLevel);
        Assert.Equal((null, null), (options.RequestTimeout, options.Database));
        Assert.Null(options.ConfigurationOptions);
        Assert.Null(options.ConnectionMultiplexerFactory);
        Assert.Equal(RedisOptions.DefaultCompressionThreshold, new RedisStoreSettings().CompressFrom);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Unusable_Redis_options_are_refused_when_the_host_starts(string message)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddUnstale("shop").UseRedis("host:1", AllRefusals[message]);
        using var host = builder.Build();
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Stop));
        Assert.Equal($"Cache 'shop': {message}", refused.Message);
    }

    [Fact]
    public void Redis_options_override_the_connection_string()
    {
        const string Text = "host:1,name=a,asyncTimeout=700,defaultDatabase=2,password=p";
        var read = Read(new() { Configuration = Text });
        Assert.Equal(("host:1", 0.7, 2), (read.Place, read.RequestTimeout.TotalSeconds, read.Database));
        Assert.Equal(["p"], read.Secrets);
        read = Read(new() { Configuration = Text, RequestTimeout = TimeSpan.FromSeconds(3), Database = 1 });
        Assert.Equal((3, 1), (read.RequestTimeout.TotalSeconds, read.Database));
        Assert.Equal(1, Read(new() { Configuration = "host" }).RequestTimeout.TotalSeconds);
        var control = MultiplexerOptions.ForControl(read);
        Assert.Equal(("a", 3000, BacklogPolicy.FailFast), (control.ClientName, control.AsyncTimeout, control.BacklogPolicy));
        Assert.Equal("unstale", MultiplexerOptions.ForData(Read(new() { Configuration = "host" })).ClientName);
    }

    [Fact]
    public void Caches_of_one_server_share_their_connections_and_others_do_not()
    {
        Assert.Equal(Read(new() { Configuration = "host" }), Read(new() { Configuration = "host" }));
        var configuration = new ConfigurationOptions { EndPoints = { "host" } };
        Assert.Equal(Read(new() { ConfigurationOptions = configuration }), Read(new() { ConfigurationOptions = configuration }));
        RedisOptions[] apart =
        [
            new() { Configuration = "host" }, new() { Configuration = "host,name=x" }, new() { Configuration = "host", Database = 1 }, new() { ConfigurationOptions = configuration },
            new() { ConfigurationOptions = configuration.Clone() }, new() { Configuration = "host", RequestTimeout = TimeSpan.FromSeconds(2) },
            new() { ConnectionMultiplexerFactory = static () => throw new NotSupportedException() },
        ];
        Assert.Equal(apart.Length, apart.Select(Read).Distinct().Count());
    }

    private static RedisSettings Read(RedisOptions options) => RedisConnectionSettings.Resolve(options, services: null, TimeProvider.System);
}
