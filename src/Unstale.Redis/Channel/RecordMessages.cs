using Unstale.Log;

namespace Unstale.Redis.Channel;

/// <summary>
/// Converts a record into messages. A record with a target that messages cannot express becomes a message for everything, and a changed row a pattern over
/// the names of its table.
/// </summary>
internal static class RecordMessages
{
    private const string Everything = "*";

    public static IReadOnlyList<InvalidationMessage> FromRecord(InvalidationRecord record, InvalidationPublisher publisher, LogMessageIds ids)
    {
        InvalidationMessage[] plain = [.. Plain(record, publisher)];
        var time = MessageTime.From(record.Time);
        return [.. plain.Select((message, part) => message.Named(ids.ForRecord(record.Id, part), time))];
    }

    private static IEnumerable<InvalidationMessage> Plain(InvalidationRecord record, InvalidationPublisher publisher)
    {
        var targets = record.Targets.ToArray();
        if (Array.Exists(targets, static target => !IsSayable(target)))
            return [publisher.Pattern(Everything)];

        string[] keys = [.. Names(targets, TargetKind.Key)];
        string[] entities = [.. Names(targets, TargetKind.Tag).Where(EntityKey.IsValid)];
        IEnumerable<string> single = keys.Length == 1 && EntityKey.IsValid(keys[0]) ? entities.Append(keys[0]).Distinct(StringComparer.Ordinal) : entities;

        // The tag of a type adds nothing to an entity of the type: services that receive the entity also handle its type.
        var types = Names(targets, TargetKind.Tag)
            .Where(tag => !EntityKey.IsValid(tag) && !Array.Exists(entities, entity => entity.StartsWith(tag + ":", StringComparison.Ordinal)))
            .Concat(targets.Where(static target => target.Kind == TargetKind.Row).Select(static target => target.Change!.Table))
            .Distinct(StringComparer.Ordinal)
            .Select(static type => GlobPattern.Escape(type) + ":*");
        return
        [
            .. single.Select(entity => Delete(publisher, entity)),
            .. keys.Length > 1 || (keys.Length == 1 && !EntityKey.IsValid(keys[0])) ? new[] { publisher.Batch(keys) } : [],
            .. types.Concat(Names(targets, TargetKind.Glob)).Select(publisher.Pattern),
        ];
    }

    private static bool IsSayable(InvalidationTarget target) => target.Kind is TargetKind.Key or TargetKind.Tag or TargetKind.Glob or TargetKind.Row;

    private static IEnumerable<string> Names(InvalidationTarget[] targets, TargetKind kind) =>
        targets.Where(target => target.Kind == kind).Select(static target => target.Text);

    private static InvalidationMessage Delete(InvalidationPublisher publisher, string entity)
    {
        _ = EntityKey.TrySplit(entity, out var type, out var id);
        return publisher.Delete(type!, id!);
    }
}
