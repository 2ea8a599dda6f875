namespace Unstale.PostgreSql.Outbox;

/// <summary>Changes that one transaction of this process has added.</summary>
internal sealed class AddedChanges
{
    private readonly List<long> _ids = [];
    private readonly List<Change> _changes = [];

    public IReadOnlyList<Change> Changes => _changes;

    public void Add(long id, Change change)
    {
        _ids.Add(id);
        _changes.Add(change);
    }

    public long[] Ids() => [.. _ids];
}
