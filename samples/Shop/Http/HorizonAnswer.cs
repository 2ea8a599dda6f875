using System.Text.Json.Serialization;
using Unstale;

namespace Shop.Http;

/// <summary>Up to where this node knows what was invalidated, and whether it may serve what it holds.</summary>
/// <param name="Trusted">False when the log has not confirmed this node for longer than the bound: reads go to the database.</param>
/// <param name="Position">The last place in the log that was applied here: partition, generation, sequence. Left out while the log is not known.</param>
/// <param name="ConfirmedMsAgo">How long ago the log last confirmed this node, in milliseconds. Left out when it never has.</param>
internal sealed record HorizonAnswer(
    bool Trusted,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Position = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? ConfirmedMsAgo = null)
{
    public static HorizonAnswer Of(LogState log) =>
        new(
            log.IsTrusted,
            log.Position.Generation == Generation.None ? null : log.Position.ToString(),
            (long?)log.SinceConfirmed?.TotalMilliseconds);
}
