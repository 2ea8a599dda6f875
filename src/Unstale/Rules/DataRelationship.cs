using System.Text.Json.Serialization;
using Unstale.Values;

namespace Unstale.Rules;

/// <summary>
/// Relationship between types of data: a change of the source also invalidates the targets. For example, <c>user</c> propagates to
/// <c>session</c> and <c>preferences</c>.
/// </summary>
/// <remarks>Two relationships are equal if all properties are equal. The order of the targets is ignored.</remarks>
public sealed record DataRelationship
{
    /// <summary>Creates a relationship.</summary>
    /// <param name="source">Type whose changes propagate.</param>
    /// <param name="targets">Types to which changes propagate.</param>
    /// <exception cref="ArgumentException">A name is empty, begins with U+0000 or is <c>*</c>, or there is no target.</exception>
    public DataRelationship(string source, IEnumerable<string> targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        RuleNames.CheckType(source, "source");
        string[] distinct = [.. targets.Distinct(StringComparer.Ordinal)];
        foreach (var target in distinct)
            RuleNames.CheckType(target, "target");
        if (distinct.Length == 0)
            throw Errors.RelationshipWithoutTargets(source);
        Source = source;
        Targets = distinct;
    }

    /// <summary>Type whose changes propagate.</summary>
    [JsonPropertyName("source_type")]
    public string Source { get; }

    /// <summary>Types to which changes propagate, each once.</summary>
    [JsonPropertyName("target_types")]
    public IReadOnlyCollection<string> Targets { get; }

    /// <summary>Cardinality of source and targets. Informational, without effect. Default: <see cref="RelationshipKind.OneToMany"/>.</summary>
    [JsonPropertyName("relationship_type")]
    public RelationshipKind Kind { get; init; }

    /// <summary>
    /// Number of levels a change follows from this relationship: 1 for the targets only, 2 to include the targets of the targets. More than 2 levels
    /// may invalidate too much. Minimum: 1. Default: 1.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below 1.</exception>
    [JsonPropertyName("cascade_depth")]
    public int Depth
    {
        get;
        init => field = value >= 1 ? value : throw Errors.DepthBelowOne(value);
    }

    = 1;

    /// <summary>Whether a change of a target also propagates to the source. Default: false.</summary>
    [JsonPropertyName("bidirectional")]
    public bool Bidirectional { get; init; }

    /// <summary>Returns whether another relationship has equal properties. The order of the targets is ignored.</summary>
    public bool Equals(DataRelationship? other) =>
        other is not null && Source == other.Source && Kind == other.Kind && Depth == other.Depth && Bidirectional == other.Bidirectional
        && Targets.Count == other.Targets.Count && !Targets.Except(other.Targets, StringComparer.Ordinal).Any();

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Source, Targets.Count, Kind, Depth, Bidirectional);

    /// <summary>Returns the relationship in readable form: <c>user -> session, preferences (2)</c>.</summary>
    public override string ToString() => $"{Source} {(Bidirectional ? "<->" : "->")} {string.Join(", ", Targets)} ({Depth})";
}
