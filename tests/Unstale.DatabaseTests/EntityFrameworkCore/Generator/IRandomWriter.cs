namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>Writes random rows.</summary>
internal interface IRandomWriter
{
    /// <summary>Executes one write, and raises its changes.</summary>
    /// <param name="node">Node that writes.</param>
    /// <param name="read">Reads all cached results that are missing. Called where reads of other connections are possible before the commit.</param>
    Task<RandomWrite> WriteAsync(GeneratorNode node, Func<Task> read);
}
