using Npgsql.Replication.PgOutput;
using Npgsql.Replication.PgOutput.Messages;

namespace Unstale.PostgreSql.Capture;

/// <summary>Turns the messages of one stream into transactions. Each row must be read before the next message.</summary>
/// <param name="cache">Cache of the changes.</param>
/// <param name="tables">Captured tables.</param>
/// <param name="shapes">Last shape of each table, also of earlier streams of this process.</param>
/// <param name="columns">Returns the primary key and the generated columns of a table.</param>
internal sealed class ChangeDecoder(
    UnstaleCache cache,
    IReadOnlyList<CapturedTable> tables,
    Dictionary<CapturedTable, CapturedShape> shapes,
    Func<CapturedTable, CancellationToken, Task<(IReadOnlyList<string> Key, IReadOnlyList<string> Generated)>> columns)
{
    private readonly Dictionary<uint, CapturedShape> _relations = [];
    private CapturedTransaction? _transaction;

    /// <summary>Reads a message. Returns the transaction that it ends; null for all other messages.</summary>
    public async Task<CapturedTransaction?> ReadAsync(PgOutputReplicationMessage message, CancellationToken cancellationToken)
    {
        switch (message)
        {
            case BeginMessage begin:
                _transaction = new CapturedTransaction(cache, begin.TransactionXid);
                return null;
            case CommitMessage:
                return Interlocked.Exchange(ref _transaction, null);
            case RelationMessage relation:
                await ReadAsync(relation, cancellationToken).ConfigureAwait(false);
                return null;
            case TruncateMessage:
                _transaction?.AddEverything();
                return null;
            default:
                await ReadRowAsync(message, cancellationToken).ConfigureAwait(false);
                return null;
        }
    }

    private async Task ReadRowAsync(PgOutputReplicationMessage message, CancellationToken cancellationToken)
    {
        switch (message)
        {
            case InsertMessage insert when ShapeOf(insert.Relation) is { } shape:
                Add(shape, RowChanges.Inserted(shape, await FieldsAsync(insert.NewRow, cancellationToken).ConfigureAwait(false)));
                break;
            case FullUpdateMessage update when ShapeOf(update.Relation) is { } shape:
                var whole = await FieldsAsync(update.OldRow, cancellationToken).ConfigureAwait(false);
                Add(shape, RowChanges.Updated(shape, whole, identityOnly: false, await FieldsAsync(update.NewRow, cancellationToken).ConfigureAwait(false)));
                break;
            case IndexUpdateMessage update when ShapeOf(update.Relation) is { } shape:
                var key = await FieldsAsync(update.Key, cancellationToken).ConfigureAwait(false);
                Add(shape, RowChanges.Updated(shape, key, identityOnly: true, await FieldsAsync(update.NewRow, cancellationToken).ConfigureAwait(false)));
                break;
            case DefaultUpdateMessage update when ShapeOf(update.Relation) is { } shape:
                Add(shape, RowChanges.Updated(shape, old: null, identityOnly: true, await FieldsAsync(update.NewRow, cancellationToken).ConfigureAwait(false)));
                break;
            case FullDeleteMessage delete when ShapeOf(delete.Relation) is { } shape:
                Add(shape, RowChanges.Deleted(shape, await FieldsAsync(delete.OldRow, cancellationToken).ConfigureAwait(false), identityOnly: false));
                break;
            case KeyDeleteMessage delete when ShapeOf(delete.Relation) is { } shape:
                Add(shape, RowChanges.Deleted(shape, await FieldsAsync(delete.Key, cancellationToken).ConfigureAwait(false), identityOnly: true));
                break;
            case InsertMessage or UpdateMessage or DeleteMessage:
                // Another release, which may map the table to any name, has published it.
                _transaction?.AddEverything();
                break;
            default:
                break;
        }
    }

    /// <summary>
    /// Notes the shape of a table. The server sends it before the first row and after each alteration. An alteration may change every row without a message,
    /// so another shape is everything. The first shape that this process sees may be the result of an alteration while no process read.
    /// </summary>
    private async Task ReadAsync(RelationMessage relation, CancellationToken cancellationToken)
    {
        if (TableOf(relation) is not { } table)
            return;
        var (key, generated) = await columns(table, cancellationToken).ConfigureAwait(false);
        var shape = CapturedShape.From(table, relation, key, generated);
        if (!shapes.TryGetValue(table, out var before))
            _transaction?.AddWhole(table);
        else if (!shape.IsSame(before))
            _transaction?.AddEverything();
        shapes[table] = shape;
        _relations[relation.RelationId] = shape;
    }

    private void Add(CapturedShape shape, IEnumerable<Change> changes) => _transaction?.Add(shape.Table, changes);

    private CapturedShape? ShapeOf(RelationMessage relation) => _relations.GetValueOrDefault(relation.RelationId);

    private CapturedTable? TableOf(RelationMessage relation) =>
        tables.FirstOrDefault(table => table.Schema == relation.Namespace && table.Name == relation.RelationName);

    private static async Task<CapturedField[]> FieldsAsync(ReplicationTuple row, CancellationToken cancellationToken)
    {
        var fields = new CapturedField[row.NumColumns];
        var at = 0;
        await foreach (var value in row.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            fields[at++] = value.Kind switch
            {
                TupleDataKind.Null => new(FieldKind.Null),
                TupleDataKind.UnchangedToastedValue => new(FieldKind.Unchanged),
                _ => new(FieldKind.Text, await value.Get<string>(cancellationToken).ConfigureAwait(false)),
            };
        }

        return fields;
    }
}
