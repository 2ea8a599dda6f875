using Unstale.Boundary;
using Unstale.Dependencies;
using Unstale.Log;
using Unstale.Predicates;
using Unstale.Values;

namespace Unstale.Rules;

/// <summary>
/// Rules, relationships and dependencies of one cache, applied by this node to the changes raised on the node. Thread-safe: all members can be
/// changed while changes are raised, and each change is expanded by the rules of one moment.
/// </summary>
public sealed class InvalidationRules
{
    private static readonly TimeSpan ShortestBatch = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestBatch = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (CompiledRule State, string Origin)> _rules = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];
    private readonly List<(DataRelationship Relationship, string Origin)> _relationships = [];
    private readonly RuleContext _context;
    private readonly long[] _activations = new long[Enum.GetValues<InvalidationStrategy>().Length];

    // Can be set at any time; read when a window opens.
    private long _batchDelay = TimeSpan.FromMilliseconds(100).Ticks;

    // Written under the gate, read without it: a reader sees a complete set, either the current one or the previous one.
    private volatile RuleSet? _current;

    internal InvalidationRules(TimeProvider time)
    {
        _context = new(GuardedTime.Over(time));
        _current = new([], [], _context);
    }

    /// <summary>Snapshot of the rules, in order of execution.</summary>
    public IReadOnlyList<InvalidationRule> Rules => [.. Current.InOrder.Select(state => state.Rule)];

    /// <summary>Snapshot of the relationships that belong to no rule.</summary>
    public IReadOnlyList<DataRelationship> Relationships
    {
        get
        {
            lock (_gate)
                return [.. _relationships.Select(held => held.Relationship)];
        }
    }

    /// <summary>Callback for conditions that throw.</summary>
    internal Action<CompiledRule, Exception>? ConditionFailed
    {
        get => _context.ConditionFailed;
        set => _context.ConditionFailed = value;
    }

    /// <summary>Creates the forms of the values of changed rows.</summary>
    internal ColumnHash ColumnHash
    {
        get => _context.ColumnHash;
        set => _context.ColumnHash = value;
    }

    /// <summary>Function that returns whether an entry of this process carries a tag.</summary>
    internal Func<string, bool>? IsCarried { get; set; }

    internal DependencyGraph Dependencies { get; } = new();

    /// <summary>Rules in force. The set is built at the next change, so that adding many rules in a row builds only one set.</summary>
    internal RuleSet Current
    {
        get
        {
            if (_current is { } current)
                return current;
            lock (_gate)
                return _current ??= new(_order.Select(name => _rules[name].State), _relationships.Select(held => held.Relationship).Distinct(), _context);
        }
    }

    /// <summary>
    /// Length of the batch window: time for which names of batched rules and scheduled names are collected, counted from the first name. Values outside
    /// 10 ms to 5 s are clamped. A new value applies to windows opened afterwards. Default: <see cref="UnstaleOptions.BatchDelay"/>, 100 ms.
    /// </summary>
    public TimeSpan BatchDelay
    {
        get => new(Interlocked.Read(ref _batchDelay));
        set => Interlocked.Exchange(ref _batchDelay, Math.Clamp(value.Ticks, ShortestBatch.Ticks, LongestBatch.Ticks));
    }

    /// <summary>Adds a rule, which applies to changes raised afterwards.</summary>
    /// <exception cref="ArgumentException">A rule with the same name exists, or the rule is invalid.</exception>
    public void Add(InvalidationRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        Add([rule], [], origin: "");
    }

    /// <summary>Removes a rule and its relationships.</summary>
    /// <returns>False if no rule has this name.</returns>
    public bool Remove(string name)
    {
        lock (_gate)
        {
            if (!_rules.Remove(name))
                return false;
            _order.Remove(name);
            _current = null;
            return true;
        }
    }

    /// <summary>Adds a relationship that applies to every change of its source, with immediate invalidation.</summary>
    /// <returns>False if an equal relationship exists.</returns>
    public bool AddRelationship(DataRelationship relationship)
    {
        ArgumentNullException.ThrowIfNull(relationship);
        lock (_gate)
        {
            if (_relationships.Exists(held => held.Relationship == relationship))
                return false;
            _relationships.Add((relationship, ""));
            _current = null;
            return true;
        }
    }

    /// <summary>Removes a relationship that belongs to no rule.</summary>
    /// <returns>False if no equal relationship exists.</returns>
    public bool RemoveRelationship(DataRelationship relationship)
    {
        ArgumentNullException.ThrowIfNull(relationship);
        lock (_gate)
        {
            if (_relationships.RemoveAll(held => held.Relationship == relationship) == 0)
                return false;
            _current = null;
            return true;
        }
    }

    /// <summary>
    /// Declares the names a key is computed from. The invalidation of one of the names also invalidates the key and everything computed from the key.
    /// </summary>
    /// <param name="key">Dependent key.</param>
    /// <param name="on">Names, each both a key and a tag. Added to the names declared before.</param>
    /// <exception cref="ArgumentException">A name is empty, begins with U+0000 or is <c>*</c>, or no name is given.</exception>
    public void AddDependency(string key, params IEnumerable<string> on) => Dependencies.Add(key, on);

    /// <summary>Removes names a key was declared to be computed from.</summary>
    /// <param name="key">Dependent key.</param>
    /// <param name="on">Names to remove; none removes all.</param>
    /// <returns>False if none of the names was declared.</returns>
    public bool RemoveDependency(string key, params IEnumerable<string> on) => Dependencies.Remove(key, on);

    /// <summary>Reports probable mistakes in the rules and relationships.</summary>
    /// <param name="isCarried">
    /// Returns whether an entry carries a tag. Default: a lookup in the entries held in this process by the caches of the log. Before the cache of
    /// these rules is created, the default checks no tags.
    /// </param>
    public IReadOnlyList<RuleWarning> Validate(Func<string, bool>? isCarried = null) =>
        new RuleAnalyzer(Current, Relationships).Findings(isCarried ?? IsCarried);

    /// <summary>
    /// Returns all targets of a change and of the names given with the change: targets of rules with any strategy, and keys declared to depend on any
    /// of the targets. Intended for sources that write the record themselves. The rules count as executed.
    /// </summary>
    /// <param name="named">Additional targets, returned first.</param>
    /// <param name="change">Change to expand; null for none.</param>
    /// <returns>All targets, each once.</returns>
    /// <exception cref="ArgumentException">The change has no name that an entry can carry.</exception>
    internal IReadOnlyList<InvalidationTarget> TargetsOf(IEnumerable<InvalidationTarget> named, Change? change = null)
    {
        ArgumentNullException.ThrowIfNull(named);
        using var targets = InvalidationBuilder.Rent();
        foreach (var target in named)
            targets.AddOnce(new(target));
        if (change is not null)
        {
            change.Check();
            var evaluation = Current.Evaluate(change);
            Ran(evaluation);
            foreach (ref readonly var item in evaluation.Invalidation.Items.Span)
                targets.AddOnce(new(item.Target));
        }

        return Dependencies.WithDependents(targets.ToInvalidation()).Targets();
    }

    /// <summary>Adds the rules and relationships of one origin, all or nothing.</summary>
    internal void Add(IReadOnlyCollection<InvalidationRule> rules, IReadOnlyCollection<DataRelationship> relationships, string origin) =>
        Swap(rules, relationships, origin, replace: false);

    /// <summary>Replaces the rules and relationships of the same origin, all or nothing. A rule declared again retains its counters.</summary>
    internal void Replace(IReadOnlyCollection<InvalidationRule> rules, IReadOnlyCollection<DataRelationship> relationships, string origin) =>
        Swap(rules, relationships, origin, replace: true);

    /// <summary>Returns whether another origin declares a rule with this name.</summary>
    internal bool IsTaken(string name, string origin)
    {
        lock (_gate)
            return _rules.TryGetValue(name, out var held) && held.Origin != origin;
    }

    /// <summary>Counts the rules that ran for a change.</summary>
    internal void Ran(in RuleEvaluation evaluation)
    {
        if (evaluation.Runs.Length == 0)
            return;
        var now = _context.Time.GetUtcNow();
        foreach (var run in evaluation.Runs)
        {
            run.Rule.Counters.Ran(now, run.Missing);
            Interlocked.Increment(ref _activations[(int)run.Rule.Rule.Strategy]);
        }
    }

    internal RuleSetStatistics Statistics(int pendingTags, int pendingKeys, int pendingPatterns, TimeSpan batchDelay, long entriesInvalidated)
    {
        var rules = Current.InOrder;
        return new()
        {
            Rules = rules.Count,
            Relationships = [.. Relationships, .. rules.SelectMany(rule => rule.Relationships)],
            Dependencies = Dependencies.Count,
            PendingTags = pendingTags,
            PendingKeys = pendingKeys,
            PendingPatterns = pendingPatterns,
            BatchDelay = batchDelay,
            EntriesInvalidated = entriesInvalidated,
            EntriesOfChanges = Interlocked.Read(ref _context.Changes.Entries.Value),
            Activations = Enum.GetValues<InvalidationStrategy>().ToDictionary(strategy => strategy, strategy => Interlocked.Read(ref _activations[(int)strategy])),
            Details = [.. rules.Select(rule => rule.Statistics())],
        };
    }

    private void Swap(IReadOnlyCollection<InvalidationRule> rules, IReadOnlyCollection<DataRelationship> relationships, string origin, bool replace)
    {
        lock (_gate)
        {
            CompiledRule[] states = [.. rules.Select(rule => new CompiledRule(rule, replace ? CountersOf(rule.Name, origin) : null))];
            var names = new HashSet<string>(StringComparer.Ordinal);
            foreach (var state in states)
            {
                var isHeld = _rules.TryGetValue(state.Rule.Name, out var held) && !(replace && held.Origin == origin);
                if (isHeld || !names.Add(state.Rule.Name))
                    throw Errors.RuleTwice(state.Rule.Name);
            }

            if (replace)
                Forget(origin);
            foreach (var state in states)
            {
                _rules.Add(state.Rule.Name, (state, origin));
                _order.Add(state.Rule.Name);
            }

            _relationships.AddRange(relationships.Select(relationship => (relationship, origin)));
            _current = null;
        }
    }

    private RuleCounters? CountersOf(string name, string origin) =>
        name is not null && _rules.TryGetValue(name, out var held) && held.Origin == origin ? held.State.Counters : null;

    private void Forget(string origin)
    {
        _order.RemoveAll(name => _rules[name].Origin == origin);
        foreach (var (name, held) in _rules)
        {
            if (held.Origin == origin)
                _rules.Remove(name);
        }

        _relationships.RemoveAll(held => held.Origin == origin);
    }
}
