using Unstale.Log;

namespace Unstale.Queries;

/// <summary>Pattern by which an event or a command has invalidated entries.</summary>
/// <param name="Text">Pattern, without values.</param>
internal sealed record RaisedPattern(string Text)
{
    /// <summary>Receipts of the invalidations.</summary>
    public List<InvalidationReceipt> Receipts { get; } = [];

    /// <summary>Names of the pattern, with the number of their entries; null if the receipts count the entries.</summary>
    public NamedGroup? Group { get; init; }
}
