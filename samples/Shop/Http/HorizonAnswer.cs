using System.Text.Json.Serialization;
using Unstale;

namespace Shop.Http;

/// <summary>Position up to which this node has applied invalidations, and whether the node may serve its values.</summary>
/// <param name="Trusted">Whether the log has confirmed this node within the bound. If not, reads use the database.</param>
/// <param name="Position">Last position of the log applied on this node: partition, generation, sequence. Left out while there is none.</param>
/// <param name="ConfirmedMsAgo">Time since the log last confirmed this node, in milliseconds. Left out if there was no confirmation.</param>
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
