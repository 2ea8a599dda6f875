using Unstale.Queries;

namespace Adapters.WithWolverine;

/// <summary>
/// Invalidates after commands whose handlers commit. Wolverine calls the method only if the handler has returned without an exception, and inside a transaction that
/// Wolverine itself commits.
/// </summary>
public static class InvalidatingCommands
{
    public static async Task AfterAsync(IProductCommand command, Renamed result, CommandInvalidation commands, CancellationToken token) =>
        await commands.ExecuteAsync(command, _ => new ValueTask<Renamed>(result), token); // a failed result invalidates nothing
}
