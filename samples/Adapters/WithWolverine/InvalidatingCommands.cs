using Unstale.Queries;

namespace Adapters.WithWolverine;

/// <summary>Invalidates after commands. Wolverine calls the method only if the handler has returned without an exception.</summary>
public static class InvalidatingCommands
{
    public static async Task AfterAsync(IProductCommand command, Renamed result, CommandInvalidation commands, CancellationToken token) =>
        await commands.ExecuteAsync(command, _ => new ValueTask<Renamed>(result), token); // a failed result invalidates nothing
}
