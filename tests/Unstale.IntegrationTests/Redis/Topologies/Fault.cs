namespace Unstale.IntegrationTests.Redis.Topologies;

/// <summary>Fault of a topology, caused from outside.</summary>
/// <param name="Name">Name in the table.</param>
/// <param name="HitAsync">Action that causes the fault for its duration and returns when the cause is removed.</param>
internal sealed record Fault(string Name, Func<Task> HitAsync);
