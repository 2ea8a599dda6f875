using Adapters;
using Adapters.WithWolverine;
using Microsoft.Extensions.Hosting;
using Unstale.Queries;
using Wolverine;
using Xunit;

namespace Unstale.Tests.Samples;

public sealed class WolverineTests : InlineAdapterContract
{
    [Fact]
    public async Task The_invalidation_follows_the_middleware_that_was_added_later()
    {
        await GetAsync(Stop);
        Assert.True(await RenameAsync("Desk lamp"));
        Assert.Equal(["Lamp"], Shelf.Committed);
    }

    protected override void Add(IHostApplicationBuilder builder) => builder.UseWolverine(static options =>
    {
        options.AddProducts();
        options.Policies.ForMessagesOfType<IProductCommand>().AddMiddleware(typeof(Commit));
    });

    protected override Task<Product> GetAsync(CancellationToken token) =>
        InScopeAsync<IMessageBus, Product>(bus => bus.InvokeAsync<Product>(new GetProduct(4), token));

    protected override Task<bool> RenameAsync(string name) =>
        InScopeAsync<IMessageBus, bool>(async bus => (await bus.InvokeAsync<Renamed>(new RenameProduct(4, name), Stop)).IsSuccess);

    protected override Task PublishAsync() => InScopeAsync<IMessageBus, bool>(static async bus =>
    {
        await bus.PublishAsync(new ProductRenamed(4)); // handled in the background, by a local queue
        return true;
    });

    /// <summary>Middleware that commits, added after the one that invalidates.</summary>
    public static class Commit
    {
        public static async Task AfterAsync(IProductCommand command, Shelf shelf, QueryCache queries, CancellationToken token) =>
            shelf.Committed.Add((await queries.ExecuteAsync(new GetProduct(command.Id), static _ => new ValueTask<Product>(new Product(0, "invalidated")), token)).Name);
    }
}
