using System.Security.Cryptography;
using System.Text;
using Unstale.Boundary;
using Unstale.Log;
using Unstale.Redis.Log;
using Unstale.Rules;

namespace Unstale.Redis.Channel;

/// <summary>Makes records of what others say: what a change takes is for the rules of the cache to say.</summary>
internal sealed class InboundRecords(ChannelBridgeOptions options, InvalidationRules rules, GuardedTime time)
{
    private const int MostTargets = 10_000;
    private const int TargetsOfRecord = 500;
    private const int BytesOfRecord = 16 * 1024;
    private const int LongestName = 65_536;
    private const int LongestWords = 160;

    private readonly string _node = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    /// <summary>Null if the options do not obey it; empty if it names nothing.</summary>
    public IReadOnlyList<HeardRecord>? Of(InvalidationMessage message)
    {
        InvalidationTarget[] targets = message.Action switch
        {
            MessageAction.Batch => Named(Keys(message.EntityIds ?? [])),
            MessageAction.Pattern => message.Pattern is { Length: > 0 } pattern ? Named([Pattern(pattern)]) : [],
            MessageAction.Delete => Changed(message.EntityType, message.EntityId, ChangeOperation.Delete),
            _ => Changed(message.EntityType, message.EntityId, ChangeOperation.Update),
        };
        var isEverything = Array.Exists(targets, static target => target.Kind == TargetKind.Everything);
        return isEverything && !options.AcceptEverything && message.Action == MessageAction.Pattern
            ? null
            : Records(targets, message.MessageId, message.SourceService, $"{message.Action} {message.EntityType.Word} {message.EntityId}".TrimEnd());
    }

    public IReadOnlyList<HeardRecord> Of(PlainInvalidation said, string channel) =>
        Records(
            said.Type is { } type ? Changed(type, said.Id, said.Operation) : Named(Keys(said.Keys)),
            message: null,
            channel,
            said.Type is null ? "keys" : $"{said.Operation} {said.Type.Word} {said.Id}".TrimEnd());

    public HeardRecord Everything(string channel) => new("", Record([InvalidationTarget.Everything], channel, "messages may have been missed"));

    private InvalidationTarget[] Changed(EntityType type, string? id, ChangeOperation operation)
    {
        if (type.Word.Length == 0)
        {
            return [];
        }

        // Which one is not known: all of them.
        var one = string.IsNullOrEmpty(id) ? null : id;
        InvalidationTarget[] named = one is null ? [Pattern(GlobPattern.Escape(type.Word) + ":*")] : Keys([EntityKey.Of(type, one)]);
        var change = new Change(type.Word, one, operation) { Scope = one is null ? ChangeScope.Resource : options.Scope };
        try
        {
            return Named(named, change);
        }
        catch (ArgumentException)
        {
            return Named(named); // no entry can carry what no change can be called
        }
    }

    private InvalidationTarget[] Named(InvalidationTarget[] named, Change? change = null) => [.. rules.TargetsOf(named, change).Where(IsName)];

    private static bool IsName(InvalidationTarget target) => target.Kind is not (TargetKind.Key or TargetKind.Tag) || IsName(target.Text);

    private static InvalidationTarget[] Keys(IEnumerable<string> keys) =>
        [.. keys.Where(IsName).Distinct(StringComparer.Ordinal).Select(InvalidationTarget.ForKey)];

    /// <summary>What no entry can be called need not be named.</summary>
    private static bool IsName(string name) => name.Length is > 0 and <= LongestName;

    private static InvalidationTarget Pattern(string text) =>
        text.Length > KeyPattern.MaximumLength || !text.AsSpan().ContainsAnyExcept('*')
            ? InvalidationTarget.Everything
            : InvalidationTarget.ForPattern(new GlobPattern(text));

    private List<HeardRecord> Records(InvalidationTarget[] targets, string? message, string service, string reason)
    {
        if (targets.Length > MostTargets)
        {
            targets = [InvalidationTarget.Everything];
        }

        var records = new List<HeardRecord>();
        for (var start = 0; start < targets.Length;)
        {
            var end = start;
            for (var bytes = 0; end < targets.Length && end - start < TargetsOfRecord; end++)
            {
                bytes += Encoding.UTF8.GetByteCount(targets[end].Text);
                if (bytes > BytesOfRecord && end > start)
                {
                    break;
                }
            }

            var part = targets[start..end];
            records.Add(new(message is null ? "" : Claim(message, part), Record(part, service, reason)));
            start = end;
        }

        return records;
    }

    /// <summary>The id of the message, and what it names: a service that uses an id twice must not swallow an invalidation.</summary>
    private static string Claim(string message, ReadOnlySpan<InvalidationTarget> targets)
    {
        var text = new StringBuilder(message);
        foreach (ref readonly var target in targets)
        {
            text.Append('\0').Append((char)target.Kind).Append(target.Text);
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 16));
    }

    private InvalidationRecord Record(ReadOnlySpan<InvalidationTarget> targets, string service, string reason) =>
        new(Random.Shared.NextInt64(1, long.MaxValue), targets, new RecordOrigin(_node, Cut(service)), time.GetUtcNow(), Cut(reason));

    /// <summary>For people: what is cut may end in half a character.</summary>
    private static string Cut(string words) => words.Length <= LongestWords ? words : words[..LongestWords];
}
