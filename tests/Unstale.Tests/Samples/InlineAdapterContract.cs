using Microsoft.Extensions.DependencyInjection;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Samples;

/// <summary>Behaviour of the adapters whose handlers run in the flow of the caller.</summary>
public abstract class InlineAdapterContract : AdapterContract
{
    [Fact]
    public async Task A_caller_that_leaves_ends_neither_the_load_of_the_others_nor_its_services()
    {
        var gate = Close();
        using var leaving = new CancellationTokenSource();
        var first = GetAsync(leaving.Token);
        await Eventually.Holds("the handler runs", () => Shelf.Reads == 1);
        var second = GetAsync(Stop);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.SetResult();
        Assert.Equal("Lamp", (await second).Name);
        Assert.Equal(1, Shelf.Reads);
    }

    [Fact]
    public async Task The_handler_is_cancelled_when_the_last_caller_has_left()
    {
        Close();
        using var leaving = new CancellationTokenSource();
        var read = GetAsync(leaving.Token);
        await Eventually.Holds("the handler runs", () => Shelf.Reads == 1);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        await Eventually.Holds("the handler is cancelled", () => Shelf.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task A_command_in_a_unit_of_work_invalidates_at_the_commit()
    {
        await GetAsync(Stop);
        using (var work = Services.GetRequiredService<IInvalidator>().BeginScope())
        {
            Assert.True(await RenameAsync("Desk lamp"));
            Assert.Equal("Lamp", await ReadElsewhereAsync());
            await work.CompleteAsync(Stop);
        }

        Assert.Equal("Desk lamp", await ReadElsewhereAsync());
        Assert.Equal(2, Shelf.Reads);
    }

    [Fact]
    public async Task A_command_in_a_unit_of_work_without_a_commit_invalidates_nothing()
    {
        await GetAsync(Stop);
        using (Services.GetRequiredService<IInvalidator>().BeginScope())
        {
            Assert.True(await RenameAsync("Desk lamp"));
        }

        Assert.Equal("Lamp", (await GetAsync(Stop)).Name);
        Assert.Equal(1, Shelf.Reads);
    }

    /// <summary>Reads in a flow outside the unit of work.</summary>
    private async Task<string> ReadElsewhereAsync()
    {
        Task<string> read;
        using (ExecutionContext.SuppressFlow())
            read = Task.Run(async () => (await GetAsync(Stop)).Name, Stop);
        return await read;
    }
}
