using Adapters;
using Adapters.WithMassTransit;
using MassTransit;
using Microsoft.Extensions.Hosting;

namespace Unstale.Tests.Samples;

public sealed class MassTransitTests : AdapterContract
{
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
