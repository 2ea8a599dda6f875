using System.Globalization;

namespace Unstale.Queries;

/// <summary>Collects what an event or a command makes untrue. All names become one record; changes are raised after it, each through the rules.</summary>
/// <remarks>Parallel branches of one rule may add at the same time. A set that is raised refuses every further name.</remarks>
public sealed class InvalidationSet
{
    private readonly Lock _gate = new();
    private readonly QueryKeys _keys;
    private readonly SortedSet<string> _templates = new(StringComparer.Ordinal);
    private bool _isRaised;

    internal InvalidationSet(QueryKeys keys) => _keys = keys;

    internal HashSet<string> NamedKeys { get; } = new(StringComparer.Ordinal);

    internal HashSet<string> NamedTags { get; } = new(StringComparer.Ordinal);

    internal HashSet<KeyPattern> NamedPatterns { get; } = [];

    internal List<Change> Changes { get; } = [];

    internal bool IsEverything { get; private set; }

    internal bool IsEmpty => !IsEverything && !NamesAny && Changes.Count == 0;

    internal bool NamesAny => NamedKeys.Count + NamedTags.Count + NamedPatterns.Count > 0;

    /// <summary>What was named, without the values that came from an event.</summary>
    internal string Template => string.Join(", ", _templates);

    /// <summary>Names keys, each exactly one entry.</summary>
    /// <param name="keys">The keys, whole.</param>
    public InvalidationSet Keys(params ReadOnlySpan<string> keys) => Named(NamedKeys, keys, "(keys)");

    /// <summary>Names tags: every entry that carries one of them.</summary>
    /// <param name="tags">The tags. <c>*</c> is everything.</param>
    public InvalidationSet Tags(params ReadOnlySpan<string> tags) => Named(NamedTags, tags, "(tags)");

    /// <summary>Names patterns over keys. A pattern that is made from an event's values is better written as a <see cref="Glob"/>.</summary>
    /// <param name="patterns">The patterns.</param>
    public InvalidationSet Patterns(params IEnumerable<KeyPattern> patterns)
    {
        ArgumentNullException.ThrowIfNull(patterns);
        foreach (var pattern in patterns)
            Add(pattern, "(patterns)");
        return this;
    }

    /// <summary>Names a glob with values in it, which are escaped: <c>i.Glob($"query_cache:GetUser:user:{e.UserId}:*")</c>.</summary>
    /// <param name="glob">The glob, as an interpolated string.</param>
    public InvalidationSet Glob(GlobTemplate glob)
    {
        ArgumentNullException.ThrowIfNull(glob);
        return Add(glob.Pattern, glob.Template);
    }

    /// <summary>Names the result of one query, the one that is equal to this: its key.</summary>
    /// <param name="query">The query. One that is not kept names nothing.</param>
    public InvalidationSet Query(object query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var kind = _keys.Of(query.GetType());
        if (_keys.KeyOf(query, kind) is { } key)
            Named(NamedKeys, [key], $"{kind.KeyStart}{{}}");
        return this;
    }

    /// <summary>Names all results of a query type that the query cache keeps: their tag. Queries of derived types are others.</summary>
    /// <exception cref="InvalidOperationException">The type is an interface or abstract: no query has its name.</exception>
    public InvalidationSet Queries<TQuery>()
    {
        var kind = _keys.Of(typeof(TQuery));
        return Named(NamedTags, [kind.Tag], $"{kind.KeyStart}*");
    }

    /// <summary>Names the results of a query whose key holds the id as a whole segment: <see cref="QueryPattern.ForEntity{TQuery}(string, string)"/>.</summary>
    /// <param name="id">The id. Null or empty: all results of the query.</param>
    public InvalidationSet Entity<TQuery>(string? id)
    {
        if (string.IsNullOrEmpty(id))
            return Add(QueryPattern.ForQuery<TQuery>(_keys.Prefix), $"{_keys.Of(typeof(TQuery)).KeyStart}*");
        foreach (var pattern in QueryPattern.ForEntity<TQuery>(id, _keys.Prefix))
            Add(pattern, $"{_keys.Of(typeof(TQuery)).Tag}*:{{}}");
        return this;
    }

    /// <inheritdoc cref="Entity{TQuery}(string)"/>
    public InvalidationSet Entity<TQuery>(long id) => Entity<TQuery>(id.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc cref="Entity{TQuery}(string)"/>
    public InvalidationSet Entity<TQuery>(Guid id) => Entity<TQuery>(id.ToString("D"));

    /// <summary>Says that something in the source of truth changed: see <see cref="IInvalidator.ChangedAsync(string, string?, ChangeOperation, IEnumerable{string}?, ChangeScope, IReadOnlyDictionary{string, object?}?, CancellationToken)"/>.</summary>
    /// <param name="resource">The type of what changed.</param>
    /// <param name="id">Which one; null when all of them, or an unknown one.</param>
    /// <param name="operation">What happened to it.</param>
    /// <param name="fields">Which fields changed, where that is known.</param>
    /// <param name="scope">How far the change reaches.</param>
    public InvalidationSet Changed(
        string resource,
        string? id = null,
        ChangeOperation operation = ChangeOperation.Update,
        IEnumerable<string>? fields = null,
        ChangeScope scope = ChangeScope.Resource)
    {
        var change = new Change(resource, id, operation) { Scope = scope };
        IReadOnlyList<string> known = [];
        try
        {
            known = fields is null ? [] : [.. fields];
        }
        finally
        {
            Changed(change with { Fields = known }); // of a list that throws, the fields are unknown, and rules about every field apply
        }

        return this;
    }

    /// <summary>Says that something in the source of truth changed, with its context for the rules.</summary>
    /// <param name="change">The change.</param>
    public InvalidationSet Changed(Change change)
    {
        ArgumentNullException.ThrowIfNull(change);
        lock (_gate)
        {
            ThrowIfRaised_NeedsLock();
            Changes.Add(change);
            _templates.Add("(changes)");
        }

        return this;
    }

    /// <summary>Everything that any cache over the log holds.</summary>
    public InvalidationSet Everything()
    {
        lock (_gate)
        {
            ThrowIfRaised_NeedsLock();
            IsEverything = true;
            _templates.Add("*");
        }

        return this;
    }

    /// <summary>All results that the query cache keeps, by their prefix.</summary>
    internal InvalidationSet AllQueries()
    {
        var pattern = GlobPattern.Escape(_keys.Prefix) + ":*";
        return Add(new GlobPattern(pattern), pattern);
    }

    /// <summary>Names a pattern that was written into the program, values and all.</summary>
    internal InvalidationSet Add(KeyPattern pattern, string template)
    {
        lock (_gate)
        {
            ThrowIfRaised_NeedsLock();
            NamedPatterns.Add(pattern);
            _templates.Add(template);
        }

        return this;
    }

    /// <summary>Refuses every further name: what is named is about to be raised.</summary>
    internal void End()
    {
        lock (_gate)
            _isRaised = true;
    }

    private InvalidationSet Named(HashSet<string> names, ReadOnlySpan<string> added, string template)
    {
        lock (_gate)
        {
            ThrowIfRaised_NeedsLock();
            foreach (var name in added)
            {
                names.Add(name);
                _templates.Add(template);
            }
        }

        return this;
    }

    private void ThrowIfRaised_NeedsLock()
    {
        if (_isRaised)
            throw Errors.SetIsRaised();
    }
}
