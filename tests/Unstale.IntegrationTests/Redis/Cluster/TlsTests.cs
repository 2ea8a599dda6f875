using StackExchange.Redis;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Cluster;

/// <summary>Nodes over TLS.</summary>
public sealed class TlsTests
{
    [Fact]
    public async Task A_private_authority_and_a_certificate_of_the_clients_own_carry_a_whole_cache()
    {
        using var certificates = new Certificates();
        using var own = certificates.Issue("client");
        await using var server = await RedisServer.StartAsync(
            folder => certificates.WriteTo(folder, "localhost"),
            "--tls-port", "{port}", "--tls-cert-file", "{folder}/server.crt", "--tls-key-file", "{folder}/server.key",
            "--tls-ca-cert-file", "{folder}/authority.crt", "--tls-auth-clients", "yes");
        var truth = new Truth();
        RedisNode New(int number) => new(number, o =>
        {
            o.ConfigurationOptions = ConfigurationOptions.Parse($"localhost:{server.Port},ssl=true");
            o.ConfigurationOptions.TrustIssuer(certificates.Authority);
            o.ConfigurationOptions.CertificateSelection += (_, _, _, _, _) => own;
        });
        await using var one = New(0);
        await using var two = New(1);
        await one.TrustedAsync();
        await two.TrustedAsync();
        Assert.Equal(CacheOutcome.Load, (await one.ReadAsync("k", truth, "t")).Outcome);
        await Support.Eventually.TrueAsync("the other reads it from Redis", async () => (await two.ReadAsync($"k", truth, "t")).Outcome is CacheOutcome.Remote or CacheOutcome.Memory);
        truth.Commit("k", 0);
        var receipt = await one.Invalidator.InvalidateTagAsync("t", cancellationToken: TestContext.Current.CancellationToken);
        await receipt.WaitForAllNodesAsync(TestContext.Current.CancellationToken);
        Assert.False(two.Holds("k"));
        Assert.Equal(1, (await two.ReadAsync("k", truth, "t")).Value);
    }
}
