using Unstale.Boundary;
using Unstale.Log;

namespace Unstale.Rules;

/// <summary>
/// The rules, relationships and dependencies of one log, as this node applies them to the changes that are raised on it. All of it may be
/// changed while changes are raised: each change sees the rules of one moment.
/// </summary>
public sealed class InvalidationRules
{
    private static readonly TimeSpan ShortestBatch = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestBatch = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (RuleState State, string Origin)> _rules = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];
    private readonly List<(DataRelationship Relationship, string Origin)> _relationships = [];
    private readonly RuleSurroundings _surroundings;
    private readonly long[] _activations = new long[Enum.GetValues<InvalidationStrategy>().Length];

    // Set at any time; the window reads it when it opens.
    private long _batchDelay = TimeSpan.FromMilliseconds(100).Ticks;

    // Written under the gate, read without it: a reader gets a whole set, this one or the one before.
    private volatile RuleSet? _current;

    internal InvalidationRules(TimeProvider time)
    {
        _surroundings = new(GuardedTime.Over(time));
        _current = new([], [], _surroundings);
    }

    /// <summary>The rules, in the order in which they run. A snapshot.</summary>
    public IReadOnlyList<InvalidationRule> Rules => [.. Current.InOrder.Select(state => state.Rule)];

    /// <summary>The relationships that belong to no rule. A snapshot.</summary>
    public IReadOnlyList<DataRelationship> Relationships
    {
        get
        {
            lock (_gate)
                return [.. _relationships.Select(held => held.Relationship)];
        }
    }

    /// <summary>Hears of a condition that threw.</summary>
    internal Action<RuleState, Exception>? ConditionFailed
    {
        get => _surroundings.ConditionFailed;
        set => _surroundings.ConditionFailed = value;
    }

    /// <summary>Whether an entry of this process carries a tag.</summary>
    internal Func<string, bool>? IsCarried { get; set; }

    internal DependencyGraph Dependencies { get; } = new();

    /// <summary>The rules in force. Adding many one after another makes one set, when the next change asks for it.</summary>
    internal RuleSet Current
    {
        get
        {
            if (_current is { } current)
                return current;
            lock (_gate)
                return _current ??= new(_order.Select(name => _rules[name].State), _relationships.Select(held => held.Relationship).Distinct(), _surroundings);
        }
    }

    /// <summary>
    /// How long the names of batched rules, and what was scheduled, are collected, counted from the first of them: 10 ms to 5 s; what is beyond is
    /// that limit. A new one holds for windows that open afterwards. Default: <see cref="UnstaleOptions.BatchDelay"/>, 100 ms.
    /// </summary>
    public TimeSpan BatchDelay
    {
        get => new(Interlocked.Read(ref _batchDelay));
        set => Interlocked.Exchange(ref _batchDelay, Math.Clamp(value.Ticks, ShortestBatch.Ticks, LongestBatch.Ticks));
    }

    /// <summary>Adds a rule. Changes that are raised afterwards see it.</summary>
    /// <exception cref="ArgumentException">There is a rule of that name, or the rule does not hold together.</exception>
    public void Add(InvalidationRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        Add([rule], [], origin: "");
    }

    /// <summary>Removes a rule and its relationships.</summary>
    /// <returns>False if there is none of that name.</returns>
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

    /// <summary>Adds a relationship that holds for every change of its source, at once.</summary>
    /// <returns>False if there is an equal one.</returns>
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
    /// <returns>False if there is none that says the same.</returns>
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

    /// <summary>Says what a key is computed from: when one of those is invalidated, the key is too, and all that is computed from it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="on">Names, each the key and the tag of that name. They are added to those said before.</param>
    /// <exception cref="ArgumentException">A name is empty, or begins with U+0000, or is <c>*</c>, or none is given.</exception>
    public void AddDependency(string key, params IEnumerable<string> on) => Dependencies.Add(key, on);

    /// <summary>Takes back what a key was said to be computed from.</summary>
    /// <param name="key">The key.</param>
    /// <param name="on">Names to take back; none: all of them.</param>
    /// <returns>False if nothing of it had been said.</returns>
    public bool RemoveDependency(string key, params IEnumerable<string> on) => Dependencies.Remove(key, on);

    /// <summary>Looks for what is probably not meant.</summary>
    /// <param name="isCarried">
    /// Tells whether an entry carries a tag. Without it, what the caches of the log hold in this process is asked, once the cache of these
    /// rules has been made; before, tags are not looked at.
    /// </param>
    public IReadOnlyList<RuleFinding> Validate(Func<string, bool>? isCarried = null) =>
        new RuleReview(Current, Relationships).Findings(isCarried ?? IsCarried);

    /// <summary>
    /// All that is taken by a change and by what is named with it: by the rules, whatever their strategies, and what was declared to depend on
    /// any of it. For a source that writes the record itself; the rules count as executed.
    /// </summary>
    /// <param name="named">What is named, first in the answer.</param>
    /// <param name="change">The change, if there is one.</param>
    /// <returns>Each target once.</returns>
    /// <exception cref="ArgumentException">The change names nothing that an entry could carry.</exception>
    public IReadOnlyList<InvalidationTarget> TargetsOf(IEnumerable<InvalidationTarget> named, Change? change = null)
    {
        ArgumentNullException.ThrowIfNull(named);
        List<InvalidationTarget> targets = [.. named];
        if (change is not null)
        {
            var expansion = Current.Expand(change);
            Ran(expansion);
            targets.AddRange(expansion.Steps.SelectMany(step => step.Targets).Select(taken => taken.Target));
        }

        return Dependencies.Expand(new Invalidation([.. targets.Distinct()], Reason: null)).Targets;
    }

    /// <summary>Adds what one place declares, all or nothing.</summary>
    internal void Add(IReadOnlyCollection<InvalidationRule> rules, IReadOnlyCollection<DataRelationship> relationships, string origin) =>
        Swap(rules, relationships, origin, replace: false);

    /// <summary>Replaces what the same place declared before, all or nothing. A rule that is declared again keeps its counters.</summary>
    internal void Replace(IReadOnlyCollection<InvalidationRule> rules, IReadOnlyCollection<DataRelationship> relationships, string origin) =>
        Swap(rules, relationships, origin, replace: true);

    /// <summary>True if another place declares a rule of that name.</summary>
    internal bool IsTaken(string name, string origin)
    {
        lock (_gate)
            return _rules.TryGetValue(name, out var held) && held.Origin != origin;
    }

    /// <summary>Counts an expansion that is carried out.</summary>
    internal void Ran(Expansion expansion)
    {
        var now = _surroundings.Time.GetUtcNow();
        foreach (var step in expansion.Steps)
        {
            if (step.Rule is not { } rule)
                continue;
            rule.Tally.Ran(now, step.Missing);
            Interlocked.Increment(ref _activations[(int)step.Strategy]);
        }
    }

    internal RuleSetStatistics Statistics(int pendingTags, int pendingKeys, int pendingPatterns, TimeSpan batchDelay, long entriesInvalidated, long entriesOfChanges = 0)
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
            EntriesOfChanges = entriesOfChanges,
            Activations = Enum.GetValues<InvalidationStrategy>().ToDictionary(strategy => strategy, strategy => Interlocked.Read(ref _activations[(int)strategy])),
            Details = [.. rules.Select(rule => rule.Statistics())],
        };
    }

    private void Swap(IReadOnlyCollection<InvalidationRule> rules, IReadOnlyCollection<DataRelationship> relationships, string origin, bool replace)
    {
        lock (_gate)
        {
            RuleState[] states = [.. rules.Select(rule => new RuleState(rule, replace ? TallyOf(rule.Name, origin) : null))];
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

    private RuleTally? TallyOf(string name, string origin) =>
        name is not null && _rules.TryGetValue(name, out var held) && held.Origin == origin ? held.State.Tally : null;

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
