using FsCheck;
using FsCheck.Fluent;
using Unstale.Rules;

namespace Unstale.Tests.Rules;

/// <summary>One change of a set of rules.</summary>
internal abstract record RuleHistory
{
    private static readonly string[] Types = ["a", "b", "c", "d", "e"];
    private static readonly string[] Fields = ["price", "name"];

    private static readonly Gen<DataRelationship> AnyRelationship =
        from source in Gen.Elements(Types)
        from targets in Gen.NonEmptyListOf(Gen.Elements(Types))
        from depth in Gen.Choose(1, 4)
        from both in Gen.Elements(false, false, true)
        select new DataRelationship(source, targets.Take(3)) { Depth = depth, Bidirectional = both };

    private static readonly Gen<InvalidationRule> AnyRule =
        from name in Gen.Choose(1, 9)
        from triggers in Gen.NonEmptyListOf(Gen.Elements([.. Types, "a:1", "b:2", "c:1"]))
        from tags in Gen.NonEmptyListOf(Gen.Elements([.. Types, "x", "y", "x:{id}", "a:{id}", "{id}"]))
        from priority in Gen.Choose(0, 2)
        from strategy in Gen.Elements(Enum.GetValues<InvalidationStrategy>())
        from once in Gen.Elements(true, false)
        from operations in Gen.Frequency((3, Gen.Constant<ChangeOperation[]>([])), (1, Gen.SubListOf(Enum.GetValues<ChangeOperation>()).Select(o => o.ToArray())))
        from fields in Gen.Frequency((3, Gen.Constant<string[]>([])), (1, Gen.SubListOf(Fields).Select(f => f.ToArray())))
        from relationships in Gen.Frequency((2, Gen.Constant<DataRelationship[]>([])), (1, AnyRelationship.NonEmptyListOf().Select(r => r.Take(2).ToArray())))
        select new InvalidationRule
        {
            Name = $"rule{name}",
            Triggers = [.. triggers.Take(3)],
            Tags = [.. tags.Take(3)],
            Priority = priority,
            Strategy = strategy,
            ServeStaleOnce = once && strategy == InvalidationStrategy.Lazy,
            Operations = operations,
            Fields = fields,
            Relationships = relationships,
        };

    private static readonly Gen<Change> AnyChange =
        from type in Gen.Elements(Types)
        from id in Gen.Elements(null, "1", "2")
        from operation in Gen.Elements(Enum.GetValues<ChangeOperation>())
        from fields in Gen.SubListOf(Fields)
        from entity in Gen.Elements(true, false)
        select new Change(type, id, operation) { Fields = [.. fields], Scope = entity && id is not null ? ChangeScope.Entity : ChangeScope.Resource };

    public static Gen<RuleHistory> Any { get; } = Gen.Frequency(
        (4, AnyRule.Select(rule => (RuleHistory)new RuleAdded(rule))),
        (1, Gen.Choose(1, 9).Select(name => (RuleHistory)new RuleRemoved($"rule{name}"))),
        (2, AnyRelationship.Select(relationship => (RuleHistory)new Related(relationship))),
        (1, Gen.Choose(0, 9).Select(number => (RuleHistory)new Unrelated(number))),
        (6, AnyChange.Select(change => (RuleHistory)new Changed(change))));
}

internal sealed record RuleAdded(InvalidationRule Rule) : RuleHistory
{
    public override string ToString() =>
        $"add {Rule.Name} when {string.Join('+', Rule.Triggers)} take {string.Join('+', Rule.Tags)} {Rule.Priority} {Rule.Strategy} once {Rule.ServeStaleOnce} "
        + $"on {string.Join('+', Rule.Operations)} fields {string.Join('+', Rule.Fields)} relates {string.Join("; ", Rule.Relationships)}";
}

internal sealed record RuleRemoved(string Name) : RuleHistory;

internal sealed record Related(DataRelationship Relationship) : RuleHistory;

internal sealed record Unrelated(int Number) : RuleHistory;

internal sealed record Changed(Change Change) : RuleHistory
{
    public override string ToString() => $"{Change.Scope} {Change}";
}
