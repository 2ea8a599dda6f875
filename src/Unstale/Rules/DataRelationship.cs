namespace Unstale.Rules;

/// <summary>When the source changes, the targets are untrue as well: <c>user</c> spreads to <c>session</c> and <c>preferences</c>.</summary>
/// <remarks>Two are equal when all they say is equal; the order of the targets does not count.</remarks>
public sealed record DataRelationship
{
    /// <summary>Makes a relationship.</summary>
    /// <param name="source">The type whose change spreads.</param>
    /// <param name="targets">The types that it spreads to.</param>
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

    /// <summary>The type whose change spreads.</summary>
    public string Source { get; }

    /// <summary>The types that it spreads to, each once.</summary>
    public IReadOnlyCollection<string> Targets { get; }

    /// <summary>How many of the one belong to how many of the other; for people. Default: <see cref="RelationshipKind.OneToMany"/>.</summary>
    public RelationshipKind Kind { get; init; }

    /// <summary>How many levels a change walks that begins here: 1 is the targets alone, 2 their targets too. At least 1; above 2, think twice. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int Depth
    {
        get;
        init => field = value >= 1 ? value : throw Errors.DepthBelowOne(value);
    }

    = 1;

    /// <summary>True if a change of a target spreads to the source as well. Default: false.</summary>
    public bool Bidirectional { get; init; }

    /// <summary>True if the other says the same.</summary>
    public bool Equals(DataRelationship? other) =>
        other is not null && Source == other.Source && Kind == other.Kind && Depth == other.Depth && Bidirectional == other.Bidirectional
        && Targets.Count == other.Targets.Count && !Targets.Except(other.Targets, StringComparer.Ordinal).Any();

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Source, Targets.Count, Kind, Depth, Bidirectional);

    /// <summary>What it says, for people: <c>user -> session, preferences (2)</c>.</summary>
    public override string ToString() => $"{Source} {(Bidirectional ? "<->" : "->")} {string.Join(", ", Targets)} ({Depth})";
}
