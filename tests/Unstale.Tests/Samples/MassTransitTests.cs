using Adapters;
using Adapters.WithMassTransit;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace Unstale.Tests.Samples;

public sealed class MassTransitTests : AdapterContract
{
    [Fact]
    public async Task A_reply_leaves_after_the_invalidation()
    {
        for (var i = 0; i < 100; i++)
        {
            await GetAsync(Stop);
            Assert.True(await RenameAsync($"Lamp {i}"));
            Assert.Equal($"Lamp {i}", (await GetAsync(Stop)).Name);
        }
    }

    protected override void Add(IHostApplicationBuilder builder) => builder.Services.AddProductsWithMassTransit();

    protected override Task<Product> GetAsync(CancellationToken token) => InScopeAsync<IRequestClient<GetProduct>, Product>(
        async client => (await client.GetResponse<Product>(new GetProduct(4), token)).Message);

    protected override Task<bool> RenameAsync(string name) => InScopeAsync<IRequestClient<RenameProduct>, bool>(async client =>
    {
        try
        {
            return (await client.GetResponse<Renamed>(new RenameProduct(4, name), Stop)).Message.IsSuccess;
        }
        catch (RequestFaultException fault) when (fault.Message.Contains("is not free", StringComparison.Ordinal))
        {
            return false;
        }
    });

    protected override Task PublishAsync() => InScopeAsync<IPublishEndpoint, bool>(static async endpoint =>
    {
        await endpoint.Publish(new ProductRenamed(4), Stop);
        return true;
    });
}
