using System.Runtime.ExceptionServices;
using Unstale.Values;

namespace Unstale.Log;

/// <summary>
/// Reads the names of an invalidation. A refused name, or a list that throws, does not prevent the other names from being invalidated: the first
/// failure is stored, and thrown afterwards.
/// </summary>
internal sealed class NamedTargets(int maximumLength)
{
    private const string Everything = "*";

    // Selectors listed on a server are sent with every older value: 64 of them must leave room for the value.
    private const int MaximumAllOfLength = 2048;

    private readonly InvalidationBuilder _accepted = InvalidationBuilder.Rent();
    private InvalidationCause? _cause;

    /// <summary>First refused name, or exception of the first list that threw; null if all names were accepted.</summary>
    public ExceptionDispatchInfo? Failure { get; private set; }

    /// <summary>Number of accepted names without repetitions.</summary>
    public int Count => _accepted.Count;

    /// <summary>Returns the invalidation of the accepted names. Called once, as the last method.</summary>
    public Invalidation ToInvalidation(string? reason, InvalidationTiming timing = InvalidationTiming.Immediate)
    {
        using (_accepted)
        {
            _accepted.SetTiming(0, timing);
            return _accepted.ToInvalidation(reason);
        }
    }

    /// <summary>Throws the first failure. Without one, returns the exception for a call that names nothing.</summary>
    public Exception NothingCounts()
    {
        Failure?.Throw();
        return Errors.NothingNamed();
    }

    /// <summary>Sets the origin of the names added afterwards, which counts their entries.</summary>
    public NamedTargets Of(InvalidationCause cause)
    {
        _cause = cause;
        return this;
    }

    public NamedTargets Keys(IEnumerable<string>? keys) =>
        keys is null ? this : Read("keys", keys, key => Add(CacheNames.KeyRefusal(key, maximumLength), key, InvalidationTarget.ForKey));

    public NamedTargets Tags(IEnumerable<string>? tags) =>
        tags is null ? this : Read("tags", tags, tag => Add(CacheNames.TagRefusal(tag, maximumLength), tag, InvalidationTarget.ForTagOrAll));

    public NamedTargets Patterns(IEnumerable<KeyPattern>? patterns) =>
        patterns is null ? this : Read("patterns", patterns, pattern => Add(pattern is null ? Errors.EmptyName("pattern") : null, pattern!, InvalidationTarget.ForPattern));

    /// <summary>Adds an all-of. Without the refused tags fewer tags have to match: more is invalidated, never less.</summary>
    public NamedTargets AllOf(IEnumerable<string>? tags) => tags is null ? this : ReadAllOf(tags);

    private NamedTargets ReadAllOf(IEnumerable<string> tags)
    {
        var all = new List<string>();
        Read("allOf", tags, tag =>
        {
            var refusal = CacheNames.TagRefusal(tag, maximumLength);
            if (refusal is null && !all.Contains(tag))
                all.Add(tag);
            return refusal;
        });
        if (all.Count > 0)
            _accepted.AddOnce(new(ForAllOf(all)));
        return this;
    }

    /// <summary>Creates the target of an all-of. A single tag becomes a target for this tag: a mark in its cell costs reads nothing.</summary>
    private InvalidationTarget ForAllOf(List<string> tags)
    {
        string[] named = [.. tags.Where(static tag => !string.Equals(tag, Everything, StringComparison.Ordinal))];
        var length = named.Sum(static tag => tag.Length);
        if (named.Length > 1 && length > MaximumAllOfLength)
        {
            Fail(Errors.AllOfTooLong(named.Length, length, MaximumAllOfLength));
            named = FirstOf(named);
        }

        return named switch
        {
            [] => InvalidationTarget.Everything,
            [var one] => InvalidationTarget.ForTag(one),
            _ => InvalidationTarget.ForAllOf(named),
        };
    }

    /// <summary>Returns as many tags as fit, at least one.</summary>
    private static string[] FirstOf(string[] tags)
    {
        var length = 0;
        return [tags[0], .. tags.TakeWhile(tag => (length += tag.Length) <= MaximumAllOfLength).Skip(1)];
    }

    private ArgumentException? Add<T>(ArgumentException? refusal, T name, Func<T, InvalidationTarget> target)
    {
        if (refusal is null)
            _accepted.AddOnce(new(target(name), _cause));
        return refusal;
    }

    private NamedTargets Read<T>(string list, IEnumerable<T> names, Func<T, ArgumentException?> add)
    {
        var at = 0;
        try
        {
            foreach (var name in names)
            {
                if (add(name) is { } refusal)
                    Fail(Errors.Refused(list, at, refusal));
                at++;
            }
        }
        catch (Exception exception)
        {
            Fail(exception);
        }

        return this;
    }

    private void Fail(Exception exception) => Failure ??= ExceptionDispatchInfo.Capture(exception);
}
