using System.Security.Cryptography;
using System.Text;
using Unstale.Boundary;
using Unstale.Log;
using Unstale.Redis.Log;
using Unstale.Rules;

namespace Unstale.Redis.Channel;

/// <summary>Converts messages of other services into records. The rules of the cache determine the targets of a change.</summary>
internal sealed class InboundRecords(ChannelBridgeOptions options, InvalidationRules rules, GuardedTime time)
{
    private const int MostTargets = 10_000;
    private const int TargetsOfRecord = 500;
    private const int BytesOfRecord = 16 * 1024;
    private const int LongestName = 65_536;
    private const int LongestWords = 160;
    private const string Missed = "messages may have been missed";

    private readonly AcceptedNames _names = new(options);
    private readonly string _node = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    public AcceptedNames Names => _names;

    public Inbound Translate(InvalidationMessage message)
    {
        var service = message.SourceService;
        var named = message.Action switch
        {
            MessageAction.Batch => Keys(service, message.EntityIds ?? []),
            MessageAction.Pattern => Pattern(service, message.Pattern),
            MessageAction.Delete => Changed(service, message.EntityType, message.EntityId, ChangeOperation.Delete),
            _ => Changed(service, message.EntityType, message.EntityId, ChangeOperation.Update),
        };
        return ToInbound(named, message.MessageId, service, $"{message.Action} {message.EntityType.Word} {message.EntityId}".TrimEnd());
    }

    public Inbound Translate(ForeignInvalidation invalidation, string channel) => ToInbound(
        invalidation.Type is { } type ? Changed(channel, type, invalidation.Id, invalidation.Operation) : Keys(channel, invalidation.Keys),
        message: "",
        channel,
        invalidation.Type is null ? "keys" : $"{invalidation.Operation} {invalidation.Type.Word} {invalidation.Id}".TrimEnd());

    /// <summary>Returns the record of a pattern that has waited.</summary>
    public ExternalAppend Translate(InvalidationTarget pattern, WaitingPattern from) =>
        new(from.Message.Length == 0 ? "" : Claim(from.Message, [pattern]), Record([pattern], from.Service, from.Reason));

    public ExternalAppend Everything(string channel) => new("", Record([InvalidationTarget.Everything], channel, Missed));

    /// <summary>Returns all names that messages may use, with all entities of each type; null if that is everything.</summary>
    public Inbound? AllAccepted(string channel)
    {
        var prefixes = _names.AllPrefixes.ToList();
        if (options.AcceptEverything || prefixes.Count == 0 || !prefixes.TrueForAll(static prefix => prefix.IndexOf(':', StringComparison.Ordinal) > 0))
            return null;

        var types = prefixes.Select(static prefix => prefix[..prefix.IndexOf(':', StringComparison.Ordinal)]).Distinct(StringComparer.Ordinal);
        InvalidationTarget[] named = [.. prefixes.Select(static prefix => InvalidationTarget.ForPattern(PatternPrefixes.ToPattern(prefix).Pattern))];
        return ToInbound(
            new([.. named, .. types.SelectMany(type => Expanded([], new Change(type, null, ChangeOperation.Update) { Scope = ChangeScope.Resource }))]), "", channel, Missed);
    }

    private Named Changed(string service, EntityType type, string? id, ChangeOperation operation)
    {
        if (type.Word.Length == 0)
            return new([]);

        // Without an id, all entities of the type are invalidated.
        var one = string.IsNullOrEmpty(id) ? null : id;
        var all = type.Word + ":";
        if (!_names.IsAccepted(service, one is null ? all : EntityKey.Of(type, one)))
            return new([], IsRefused: true);

        InvalidationTarget[] named = one is null ? [Pattern(GlobPattern.Escape(type.Word) + ":*")] : IsName(EntityKey.Of(type, one)) ? [InvalidationTarget.ForKey(EntityKey.Of(type, one))] : [];

        // Lists over the type contain other entities of the type, which the service may not name.
        var scope = one is null ? ChangeScope.Resource : _names.IsAccepted(service, all) ? options.Scope : ChangeScope.Entity;
        return new(Expanded(named, new Change(type.Word, one, operation) { Scope = scope }), Count: 1);
    }

    private Named Keys(string service, IEnumerable<string> keys)
    {
        var all = keys.Where(IsName).Distinct(StringComparer.Ordinal).ToList();
        var accepted = all.FindAll(key => _names.IsAccepted(service, key));
        var named = options.AcceptEverything || accepted.Count <= MostTargets
            ? accepted.Select(InvalidationTarget.ForKey)
            : Prefixes(service, accepted).Select(static prefix => InvalidationTarget.ForPattern(prefix.Pattern));
        return new(Expanded([.. named]), accepted.Count < all.Count, accepted.Count);
    }

    private IEnumerable<PrefixPattern> Prefixes(string service, List<string> keys) => _names.HasLists
        ? keys.Select(key => _names.Covering(service, key)).OfType<string>().Distinct(StringComparer.Ordinal).Select(PatternPrefixes.ToPattern)
        : PatternPrefixes.Merge(keys, WaitingPatterns.MostMerged);

    private Named Pattern(string service, string? text)
    {
        if (string.IsNullOrEmpty(text))
            return new([]);

        var pattern = Pattern(text);
        return _names.IsAccepted(service, pattern.Pattern is GlobPattern glob ? glob.LiteralPrefix : "")
            ? new(Expanded([pattern]), Count: 1)
            : new([], IsRefused: true);
    }

    private InvalidationTarget[] Expanded(InvalidationTarget[] named, Change? change = null)
    {
        try
        {
            return [.. rules.TargetsOf(named, change).Where(IsName)];
        }
        catch (ArgumentException) when (change is not null)
        {
            return Expanded(named); // no entry can carry a name that a change cannot have
        }
    }

    /// <summary>Whether the target uses one of the log's limited places for selectors, which are compared with entries one by one.</summary>
    private static bool IsPattern(InvalidationTarget target) => target.Kind is TargetKind.Glob or TargetKind.Regex or TargetKind.AllOf;

    private static bool IsName(InvalidationTarget target) => target.Kind is not (TargetKind.Key or TargetKind.Tag) || IsName(target.Text);

    /// <summary>Whether an entry can have this name. Other names need no invalidation.</summary>
    private static bool IsName(string name) => name.Length is > 0 and <= LongestName;

    private static InvalidationTarget Pattern(string text) =>
        text.Length > KeyPattern.MaximumLength || !text.AsSpan().ContainsAnyExcept('*')
            ? InvalidationTarget.Everything
            : InvalidationTarget.ForPattern(new GlobPattern(text));

    /// <summary>If not everything is accepted, patterns are separated for the queue, and many names are not replaced by everything.</summary>
    private Inbound ToInbound(Named named, string message, string service, string reason)
    {
        var (targets, patterns) = options.AcceptEverything
            ? (named.Targets.Length > MostTargets ? [InvalidationTarget.Everything] : named.Targets, [])
            : (Array.FindAll(named.Targets, static target => !IsPattern(target)), Array.FindAll(named.Targets, IsPattern));
        return new(Records(targets, message, service, reason), patterns, message, service, reason, named.Count, named.IsRefused);
    }

    private List<ExternalAppend> Records(InvalidationTarget[] targets, string message, string service, string reason)
    {
        var records = new List<ExternalAppend>();
        for (var start = 0; start < targets.Length;)
        {
            var end = start;
            for (var bytes = 0; end < targets.Length && end - start < TargetsOfRecord; end++)
            {
                bytes += Encoding.UTF8.GetByteCount(targets[end].Text);
                if (bytes > BytesOfRecord && end > start)
                    break;
            }

            var part = targets[start..end];
            records.Add(new(message.Length == 0 ? "" : Claim(message, part), Record(part, service, reason)));
            start = end;
        }

        return records;
    }

    /// <summary>
    /// Returns an id from the id of the message and the targets, so that a service that uses an id twice cannot suppress an invalidation.
    /// </summary>
    private static string Claim(string message, ReadOnlySpan<InvalidationTarget> targets)
    {
        var text = new StringBuilder(message);
        foreach (ref readonly var target in targets)
            text.Append('\0').Append((char)target.Kind).Append(target.Text);

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 16));
    }

    private InvalidationRecord Record(ReadOnlySpan<InvalidationTarget> targets, string service, string reason) =>
        new(Random.Shared.NextInt64(1, long.MaxValue), targets, new RecordOrigin(_node, Cut(service)), time.GetUtcNow(), Cut(reason));

    /// <summary>Shortens a text for people. The cut may split a character.</summary>
    private static string Cut(string words) => words.Length <= LongestWords ? words : words[..LongestWords];

    /// <summary>Targets that a message names and that its service may name.</summary>
    private readonly record struct Named(InvalidationTarget[] Targets, bool IsRefused = false, int Count = 0);
}

/// <summary>Work that results from one message.</summary>
/// <param name="Records">Records to append to the log at once.</param>
/// <param name="Patterns">Patterns to add to the queue of the service.</param>
/// <param name="Message">Id of the message; empty for none.</param>
/// <param name="Service">Name of the sender in the message.</param>
/// <param name="Reason">Reason of the records.</param>
/// <param name="Named">Number of keys, entities and patterns that were accepted.</param>
/// <param name="IsRefused">Whether a part was ignored.</param>
internal sealed record Inbound(
    IReadOnlyList<ExternalAppend> Records, InvalidationTarget[] Patterns, string Message, string Service, string Reason, int Named, bool IsRefused);
