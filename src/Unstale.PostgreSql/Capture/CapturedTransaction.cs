namespace Unstale.PostgreSql.Capture;

/// <summary>
/// Changes of one transaction, with bounds, so that the memory does not grow with the transaction: above 500 rows of a table, only their ids are known, and
/// above 10,000 ids the transaction is "everything".
/// </summary>
/// <param name="cache">Cache whose limits the names must meet.</param>
/// <param name="id">Transaction id of 32 bits.</param>
internal sealed class CapturedTransaction(UnstaleCache cache, uint id)
{
    private const int MostRows = 500;
    private const int MostIds = 10_000;

    private readonly Dictionary<string, List<Change>> _rows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _ids = new(StringComparer.Ordinal);
    private readonly HashSet<string> _whole = new(StringComparer.Ordinal);
    private int _count;

    public uint Id => id;

    /// <summary>Whether more has changed than can be named: a truncated or altered table, or too many rows.</summary>
    public bool IsEverything { get; private set; }

    /// <summary>Number of changed rows, until the transaction is everything.</summary>
    public int Rows { get; private set; }

    public bool IsEmpty => _rows.Count == 0 && _ids.Count == 0 && _whole.Count == 0 && !IsEverything;

    /// <summary>Adds the changes of a row.</summary>
    public void Add(CapturedTable table, IEnumerable<Change> changes)
    {
        Rows++;
        foreach (var change in changes)
        {
            if (!IsEverything)
                Add(table, Accepted(change));
        }
    }

    /// <summary>Adds an unknown change of the rows of a table.</summary>
    public void AddWhole(CapturedTable table) => _whole.Add(table.Resource);

    public void AddEverything()
    {
        IsEverything = true;
        _rows.Clear();
        _ids.Clear();
        _whole.Clear();
    }

    public IReadOnlyList<Change> Changes() =>
    [
        .. _rows.Values.SelectMany(static rows => rows),
        .. _ids.SelectMany(static table => table.Value.Select(id => new Change(table.Key, id))),
        .. _whole.Select(static resource => new Change(resource)),
    ];

    private void Add(CapturedTable table, Change change)
    {
        if (_ids.TryGetValue(table.Resource, out var ids))
        {
            AddId(ids, change.Id);
            return;
        }

        if (!_rows.TryGetValue(table.Resource, out var rows))
            _rows.Add(table.Resource, rows = []);
        rows.Add(change);
        if (rows.Count <= MostRows)
            return;
        _ids.Add(table.Resource, ids = new(StringComparer.Ordinal));
        _rows.Remove(table.Resource);
        AddWhole(table);
        foreach (var row in rows)
            AddId(ids, row.Id);
    }

    private void AddId(HashSet<string> ids, string? id)
    {
        if (id is not null && ids.Add(id) && ++_count > MostIds)
            AddEverything();
    }

    /// <summary>Returns the change, without an id that no entry can carry as a tag.</summary>
    private Change Accepted(Change change)
    {
        try
        {
            cache.Check(change);
            return change;
        }
        catch (ArgumentException)
        {
            return change with { Id = null };
        }
    }
}
