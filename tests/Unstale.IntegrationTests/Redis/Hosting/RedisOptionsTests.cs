using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Unstale.Redis;
using Unstale.Redis.Hosting;
using Unstale.Redis.Resp;
using Unstale.Redis.Store;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Hosting;

/// <summary>What the options are, what is refused, and what becomes of them.</summary>
public sealed class RedisOptionsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Refusals => [.. AllRefusals.Keys];

    private static Dictionary<string, Action<RedisOptions>> AllRefusals { get; } = new(StringComparer.Ordinal)
    {
        ["The Redis connection string is refused: it names no host. Write host:port first."] = static o => o.Configuration = "",
        ["The Redis connection string is refused: its port is no number from 1 to 65535."] = static o => o.Configuration = "host:x",
        ["KeyPrefix is empty. Name what the keys on the server begin with, or leave it at 'unstale'."] = static o => o.KeyPrefix = " ",
        ["RequestTimeout is 00:00:00.0090000; it has to be from 00:00:00.0100000 to 00:01:00."] = static o => o.RequestTimeout = TimeSpan.FromMilliseconds(9),
        ["RequestTimeout is 00:01:01; it has to be from 00:00:00.0100000 to 00:01:00."] = static o => o.RequestTimeout = TimeSpan.FromSeconds(61),
        ["CompressionThreshold is -1; it has to be from 0 to 2147483647."] = static o => o.CompressionThreshold = -1,
        ["LogLength is 99; it has to be from 100 to 10000000."] = static o => o.LogLength = 99,
        ["LogLength is 10000001; it has to be from 100 to 10000000."] = static o => o.LogLength = 10_000_001,
        ["ClientName is no client name: one or more visible characters of ASCII, and none of = ; & | , ? @ \" '."] = static o => o.ClientName = "a b",
        ["Credentials is set, and Configuration holds a password. Keep one of the two."] = static o =>
        {
            o.Configuration = "redis://:secret@host";
            o.Credentials = static _ => new(new RedisCredentials(null, "token"));
        },
        ["CheckHostName is false, and Configuration asks for no TLS. Write rediss:// or ssl=true there."] = static o => o.CheckHostName = false,
        ["CheckHostName is false, and Configuration names the sslHost 'other' to check. Keep one of the two."] = static o =>
        {
            o.Configuration = "host,ssl=true,sslHost=other";
            o.CheckHostName = false;
        },
    };

    [Fact]
    public void The_defaults()
    {
        var options = new RedisOptions();
        Assert.Equal(("", "unstale", 2_048, 100_000), (options.Configuration, options.KeyPrefix, options.CompressionThreshold, options.LogLength));
        Assert.Equal((true, true, false), (options.SecondLevel, options.CheckHostName, options.BehindProxy));
        Assert.Equal((null, null), (options.RequestTimeout, options.ClientName));
        Assert.Null(options.Credentials);
        Assert.Null(options.ClientCertificate);
        Assert.Empty(options.CertificateAuthorities);
        Assert.Equal(RedisOptions.DefaultCompressionThreshold, new RedisStoreSettings().CompressFrom);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task What_cannot_work_is_refused_when_the_host_starts(string message)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddUnstale("shop").UseRedis("host:1", AllRefusals[message]);
        using var host = builder.Build();
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Stop));
        Assert.Equal($"Cache 'shop': {message}", refused.Message);
    }

    [Fact]
    public async Task Certificates_without_TLS_are_refused_and_a_certificate_needs_its_key()
    {
        using var certificates = new Certificates();
        var authority = X509CertificateLoader.LoadCertificate(certificates.Authority.RawData);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddUnstale().UseRedis("host", o =>
        {
            o.CertificateAuthorities.Add(authority);
            o.ClientCertificate = authority;
        });
        using var host = builder.Build();
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Stop));
        Assert.Equal(
            [
                "Cache 'default': CertificateAuthorities is set, and Configuration asks for no TLS. Write rediss:// or ssl=true there.",
                "Cache 'default': ClientCertificate is set, and Configuration asks for no TLS. Write rediss:// or ssl=true there.",
                $"Cache 'default': ClientCertificate is '{authority.Subject}', which has no private key. Load it with its key.",
            ],
            refused.Failures);
    }

    [Fact]
    public void What_the_options_set_goes_over_the_connection_string()
    {
        const string Text = "host:1,name=a,asyncTimeout=700,ssl=true,password=p";
        var read = Read(new() { Configuration = Text });
        Assert.Equal(("a", 0.7, true), (read.ClientName, read.CommandTimeout.TotalSeconds, read.Tls!.CheckHostName));
        Assert.Null(read.CredentialsSource);
        read = Read(new() { Configuration = Text, ClientName = "b", RequestTimeout = TimeSpan.FromSeconds(3), CheckHostName = false });
        Assert.Equal(("b", 3, false, "p"), (read.ClientName, read.CommandTimeout.TotalSeconds, read.Tls!.CheckHostName, read.Credentials!.Password));
        Assert.Equal(("unstale", 1), (Read(new() { Configuration = "host" }).ClientName, Read(new() { Configuration = "host" }).CommandTimeout.TotalSeconds));
    }

    [Fact]
    public async Task A_callback_gives_the_credentials_of_the_moment()
    {
        var given = new RedisCredentials("me", "token", TimeSpan.FromMinutes(5));
        var read = Read(new() { Configuration = "host", Credentials = _ => new(given) });
        Assert.Equal(new RespCredentials("me", "token", TimeSpan.FromMinutes(5)), await read.CredentialsSource!(Stop));
        Assert.Equal(("me", "default"), (given.ToString(), new RedisCredentials(null, "token").ToString()));
    }

    private static RespOptions Read(RedisOptions options) => RedisConnections.Read(options, TimeProvider.System);
}
