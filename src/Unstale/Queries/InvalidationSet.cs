using System.Globalization;
using Unstale.Log;
using Unstale.Values;

namespace Unstale.Queries;

/// <summary>Collects the targets that an event or a command invalidates. All names form one record; changes follow, each resolved by the rules.</summary>
/// <remarks>Parallel branches of one rule may add concurrently. Adding to a set throws once its invalidation has begun.</remarks>
public sealed class InvalidationSet
{
    /// <summary>Text reported for changes.</summary>
    internal const string ChangesTemplate = "(changes)";

    /// <summary>Text reported for everything.</summary>
    internal const string EverythingTemplate = "*";

    private readonly Lock _gate = new();
    private readonly QueryKeys _keys;
    private readonly SortedDictionary<string, NamedGroup> _groups = new(StringComparer.Ordinal);
    private bool _isRaised;

    internal InvalidationSet(QueryKeys keys) => _keys = keys;

    /// <summary>Names by pattern, in the order of the patterns.</summary>
    internal NamedGroup[] Groups => [.. _groups.Values.Where(static group => group.Count > 0)];

    internal List<Change> Changes { get; } = [];

    internal bool IsEverything { get; private set; }

    internal bool IsEmpty => _groups.Count == 0;

    /// <summary>Patterns of all targets, without the values of an event.</summary>
    internal IReadOnlyCollection<string> Templates => _groups.Keys;

    /// <summary>Adds keys. Each key identifies exactly one entry.</summary>
    /// <param name="keys">Complete keys.</param>
    public InvalidationSet Keys(params ReadOnlySpan<string> keys) => Named(static group => group.Keys, keys, "(keys)");

    /// <summary>Adds tags, to invalidate every entry that has one of the tags.</summary>
    /// <param name="tags">Tags to invalidate. <c>*</c> invalidates everything.</param>
    public InvalidationSet Tags(params ReadOnlySpan<string> tags) => Named(static group => group.Tags, tags, "(tags)");

    /// <summary>Adds key patterns. Prefer <see cref="Glob"/> for a pattern built from the values of an event.</summary>
    /// <param name="patterns">Patterns to invalidate.</param>
    public InvalidationSet Patterns(params IEnumerable<KeyPattern> patterns)
    {
        ArgumentNullException.ThrowIfNull(patterns);
        foreach (var pattern in patterns)
            Add(pattern, "(patterns)");
        return this;
    }

    /// <summary>Adds a glob with embedded values, which are escaped: <c>i.Glob($"query_cache:GetUser:user:{e.UserId}:*")</c>.</summary>
    /// <param name="glob">Glob, written as an interpolated string.</param>
    public InvalidationSet Glob(GlobTemplate glob)
    {
        ArgumentNullException.ThrowIfNull(glob);
        return Add(glob.Pattern, glob.Template);
    }

    /// <summary>Adds the key of one query, to invalidate the result of an equal query.</summary>
    /// <param name="query">Query to invalidate. A query that is not cached adds nothing.</param>
    public InvalidationSet Query(object query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var kind = _keys.KindOf(query.GetType());
        if (_keys.KeyOf(query, kind) is { } key)
            Named(static group => group.Keys, [key], $"{kind.KeyStart}{{}}");
        return this;
    }

    /// <summary>Adds all cached results of a query type, by tag. Results of derived query types are not included.</summary>
    /// <exception cref="InvalidOperationException">The type is an interface or abstract. No query has such a name.</exception>
    public InvalidationSet Queries<TQuery>()
    {
        var kind = _keys.KindOf(typeof(TQuery));
        return Named(static group => group.Tags, [kind.Tag], $"{kind.KeyStart}*");
    }

    /// <summary>Adds the results of a query whose key contains the id as a whole segment: see <see cref="QueryPattern.ForEntity{TQuery}(string, string)"/>.</summary>
    /// <param name="id">Id in the key. Null or empty: all results of the query.</param>
    public InvalidationSet Entity<TQuery>(string? id)
    {
        if (string.IsNullOrEmpty(id))
            return Add(QueryPattern.ForQuery<TQuery>(_keys.Prefix), $"{_keys.KindOf(typeof(TQuery)).KeyStart}*");
        foreach (var pattern in QueryPattern.ForEntity<TQuery>(id, _keys.Prefix))
            Add(pattern, $"{_keys.KindOf(typeof(TQuery)).Tag}*:{{}}");
        return this;
    }

    /// <inheritdoc cref="Entity{TQuery}(string)"/>
    public InvalidationSet Entity<TQuery>(long id) => Entity<TQuery>(id.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc cref="Entity{TQuery}(string)"/>
    public InvalidationSet Entity<TQuery>(Guid id) => Entity<TQuery>(id.ToString("D"));

    /// <summary>
    /// Reports a change in the source of truth: see
    /// <see cref="IInvalidator.ChangedAsync(string, string?, ChangeOperation, IEnumerable{string}?, ChangeScope, IReadOnlyDictionary{string, object?}?, CancellationToken)"/>.
    /// </summary>
    /// <param name="resource">Type of the changed resource.</param>
    /// <param name="id">Id of the changed resource; null if all resources or an unknown one changed.</param>
    /// <param name="operation">Kind of change.</param>
    /// <param name="fields">Names of the changed fields, if available.</param>
    /// <param name="scope">Extent of the change.</param>
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
            Changed(change with { Fields = known }); // if the list throws, the fields are unknown and rules for every field apply
        }

        return this;
    }

    /// <summary>Reports a change in the source of truth, with context for the rules.</summary>
    /// <param name="change">Change to report.</param>
    public InvalidationSet Changed(Change change)
    {
        ArgumentNullException.ThrowIfNull(change);
        lock (_gate)
        {
            ThrowIfRaised_NeedsLock();
            Changes.Add(change);
            _ = Group_NeedsLock(ChangesTemplate);
        }

        return this;
    }

    /// <summary>Invalidates everything held by any cache that shares the log.</summary>
    public InvalidationSet Everything()
    {
        lock (_gate)
        {
            ThrowIfRaised_NeedsLock();
            IsEverything = true;
            _ = Group_NeedsLock(EverythingTemplate);
        }

        return this;
    }

    /// <summary>Adds all results in the query cache, by prefix.</summary>
    internal InvalidationSet AllQueries()
    {
        var all = _keys.AllQueries;
        return Add(all, all.Text);
    }

    /// <summary>Adds a pattern, reported as the given template.</summary>
    internal InvalidationSet Add(KeyPattern pattern, string template)
    {
        lock (_gate)
        {
            ThrowIfRaised_NeedsLock();
            Group_NeedsLock(template).Patterns.Add(pattern);
        }

        return this;
    }

    /// <summary>Rejects all further additions, because the invalidation is about to begin.</summary>
    internal void End()
    {
        lock (_gate)
            _isRaised = true;
    }

    private InvalidationSet Named(Func<NamedGroup, HashSet<string>> names, ReadOnlySpan<string> added, string template)
    {
        lock (_gate)
        {
            ThrowIfRaised_NeedsLock();
            foreach (var name in added)
                names(Group_NeedsLock(template)).Add(name);
        }

        return this;
    }

    private NamedGroup Group_NeedsLock(string template)
    {
        if (!_groups.TryGetValue(template, out var group))
            _groups.Add(template, group = new NamedGroup(template));
        return group;
    }

    private void ThrowIfRaised_NeedsLock()
    {
        if (_isRaised)
            throw Errors.SetIsRaised();
    }
}
