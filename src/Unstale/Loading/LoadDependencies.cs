using Unstale.Predicates;
using Unstale.Values;

namespace Unstale.Loading;

/// <summary>
/// Records the names read by a running factory, each once: the marks of the keys, and all names carried by their entries. More names than the maximum
/// are replaced by one, <see cref="DependencyTag.AnyRecord"/>, and more predicates than 64 by their tables. Thread-safe: a factory may read from several
/// threads.
/// </summary>
internal sealed class LoadDependencies(int maximum)
{
    /// <summary>Maximum number of names for which a linear search is cheaper than a set.</summary>
    private const int Few = 16;

    /// <summary>Maximum number of predicates on rows.</summary>
    private const int MostPredicates = 64;

    private static readonly string[] Any = [DependencyTag.AnyRecord];

    private readonly Lock _gate = new();
    private string[] _names = new string[8];
    private int _count;
    private HashSet<string>? _known;
    private List<Func<RowPredicate>>? _late;
    private int _predicates;
    private bool _dependsOnTables;
    private bool _isCollapsed;
    private bool _isClosed;

    /// <summary>Whether this factory itself read more names than the maximum. False if only a value read by the factory had exceeded the maximum.</summary>
    public bool IsTooMany { get; private set; }

    /// <param name="key">Key that was read; null for names alone.</param>
    /// <param name="carried">Names carried by the value.</param>
    public void Add(string? key, ReadOnlySpan<string> carried)
    {
        lock (_gate)
            Add_NeedsLock(key, carried);
    }

    /// <summary>Adds a predicate on rows.</summary>
    public void Add(RowPredicate predicate) => Add(key: null, [predicate.Name]);

    /// <summary>Adds a predicate whose values are known later. It is created when the names are read.</summary>
    public void Add(Func<RowPredicate> predicate)
    {
        lock (_gate)
            (_late ??= []).Add(predicate);
    }

    /// <summary>Returns the predicates recorded so far, or that more is unknown. Recording continues.</summary>
    public string[] Predicates()
    {
        lock (_gate)
        {
            AddLate_NeedsLock();
            return _isCollapsed ? Any : Array.FindAll(_names[.._count], DependencyTag.IsPredicate);
        }
    }

    /// <summary>Returns the names read by the factory so far. Recording continues.</summary>
    public string[] Snapshot()
    {
        lock (_gate)
        {
            AddLate_NeedsLock();
            return _isCollapsed ? Any : _names[.._count];
        }
    }

    /// <summary>Ends the recording when the factory has ended, and returns the names read. Later names are ignored.</summary>
    public string[] Close()
    {
        lock (_gate)
        {
            AddLate_NeedsLock();
            _isClosed = true;
            return _isCollapsed ? Any : _count == _names.Length ? _names : _names[.._count];
        }
    }

    private void AddLate_NeedsLock()
    {
        if (_late is not { } late)
            return;
        _late = null;
        foreach (var predicate in late)
            Add_NeedsLock(key: null, [predicate().Name]);
    }

    private void Add_NeedsLock(string? key, ReadOnlySpan<string> carried)
    {
        if (_isClosed || _isCollapsed)
            return;

        // The mark of a key beginning with U+0000 would look like the mark of a declaration.
        if (carried.Contains(DependencyTag.AnyRecord) || key?[0] == DependencyTag.First)
        {
            Collapse_NeedsLock();
            return;
        }

        if (key is not null && !ContainsMark(key))
            Append_NeedsLock(DependencyTag.ForKey(key));
        foreach (var name in carried)
        {
            if (_isCollapsed)
                return;
            if (DependencyTag.IsPredicate(name))
                AddPredicate_NeedsLock(name);
            else if (!Contains(name))
                Append_NeedsLock(name);
        }
    }

    private bool ContainsMark(string key) => _known?.Contains(DependencyTag.ForKey(key)) ?? DependencyTag.IsRecordedAmong(_names.AsSpan(0, _count), key);

    private bool Contains(string name) => _known?.Contains(name) ?? _names.AsSpan(0, _count).Contains(name);

    private void Append_NeedsLock(string name)
    {
        if (_count == maximum)
        {
            IsTooMany = true;
            Collapse_NeedsLock();
            return;
        }

        if (_count == _names.Length)
            Array.Resize(ref _names, _count * 2);
        _names[_count++] = name;
        if (_count > Few)
            (_known ??= new HashSet<string>(_names.AsSpan(0, _count).ToArray(), StringComparer.Ordinal)).Add(name);
    }

    private void AddPredicate_NeedsLock(string name)
    {
        if (_dependsOnTables)
            name = TableOf(name);
        if (Contains(name))
            return;
        if (_predicates < MostPredicates || _dependsOnTables)
        {
            _predicates++;
            Append_NeedsLock(name);
            return;
        }

        _dependsOnTables = true;
        string[] names = [.. _names.AsSpan(0, _count), name];
        (_names, _count, _known) = (new string[8], 0, null);
        foreach (var one in names.Select(static one => DependencyTag.IsPredicate(one) ? TableOf(one) : one).Distinct(StringComparer.Ordinal))
            Append_NeedsLock(one);
    }

    private static string TableOf(string name) =>
        PredicateNames.Parse(name) is { } predicate ? RowPredicate.OfTable(predicate.Table).Name : DependencyTag.AnyRecord;

    private void Collapse_NeedsLock()
    {
        _isCollapsed = true;
        (_names, _known) = ([], null);
    }
}
