using Adapters;
using Adapters.WithWolverine;
using Microsoft.Extensions.Hosting;
using Wolverine;

namespace Unstale.Tests.Samples;

public sealed class WolverineTests : InlineAdapterContract
{
    protected override void Add(IHostApplicationBuilder builder) => builder.UseWolverine(static options => options.AddProducts());

    protected override Task<Product> GetAsync(CancellationToken token) =>
        InScopeAsync<IMessageBus, Product>(bus => bus.InvokeAsync<Product>(new GetProduct(4), token));

    protected override Task<bool> RenameAsync(string name) =>
        InScopeAsync<IMessageBus, bool>(async bus => (await bus.InvokeAsync<Renamed>(new RenameProduct(4, name), Stop)).IsSuccess);

    protected override Task PublishAsync() => InScopeAsync<IMessageBus, bool>(static async bus =>
    {
        await bus.PublishAsync(new ProductRenamed(4)); // handled in the background, by a local queue
        return true;
    });
}
