using Adapters;
using Adapters.WithMediatR;
using MediatR;
using Microsoft.Extensions.Hosting;

namespace Unstale.Tests.Samples;

public sealed class MediatRTests : InlineAdapterContract
{
    protected override void Add(IHostApplicationBuilder builder) => builder.Services.AddProductsWithMediatR();

    protected override Task<Product> GetAsync(CancellationToken token) =>
        InScopeAsync<IMediator, Product>(mediator => mediator.Send(new Adapters.WithMediatR.GetProduct(4), token));

    protected override Task<bool> RenameAsync(string name) =>
        InScopeAsync<IMediator, bool>(async mediator => (await mediator.Send(new Adapters.WithMediatR.RenameProduct(4, name), Stop)).IsSuccess);

    protected override Task PublishAsync() => InScopeAsync<IMediator, bool>(static async mediator =>
    {
        await mediator.Publish(new Adapters.WithMediatR.ProductRenamed(4), Stop);
        return true;
    });
}
