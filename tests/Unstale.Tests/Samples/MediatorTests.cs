using Adapters;
using Adapters.WithMediator;
using Mediator;
using Microsoft.Extensions.Hosting;

namespace Unstale.Tests.Samples;

public sealed class MediatorTests : InlineAdapterContract
{
    protected override void Add(IHostApplicationBuilder builder) => builder.Services.AddProductsWithMediator();

    protected override Task<Product> GetAsync(CancellationToken token) =>
        InScopeAsync<IMediator, Product>(mediator => mediator.Send(new Adapters.WithMediator.GetProduct(4), token).AsTask());

    protected override Task<bool> RenameAsync(string name) =>
        InScopeAsync<IMediator, bool>(async mediator => (await mediator.Send(new Adapters.WithMediator.RenameProduct(4, name), Stop)).IsSuccess);

    protected override Task PublishAsync() => InScopeAsync<IMediator, bool>(static async mediator =>
    {
        await mediator.Publish(new Adapters.WithMediator.ProductRenamed(4), Stop);
        return true;
    });
}
