namespace Unstale.IntegrationTests.Redis.Topologies;

/// <summary>Something that hits a topology from outside.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="HitAsync">Hits, lasts for as long as it is meant to, and returns when its cause is gone.</param>
internal sealed record Fault(string Name, Func<Task> HitAsync);
