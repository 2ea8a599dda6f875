using Npgsql.Replication.PgOutput.Messages;

namespace Unstale.PostgreSql.Capture;

/// <summary>Columns of a captured table at one position of the write-ahead log.</summary>
/// <param name="table">Table.</param>
/// <param name="columns">Columns in the order of their fields.</param>
/// <param name="identity">Replica identity: the columns whose old values the server sends.</param>
internal sealed class CapturedShape(CapturedTable table, CapturedColumn[] columns, RelationMessage.ReplicaIdentitySetting identity)
{
    public CapturedTable Table => table;

    public CapturedColumn[] Columns => columns;

    /// <summary>Whether the server sends all old values.</summary>
    public bool IsFull => identity == RelationMessage.ReplicaIdentitySetting.AllColumns;

    /// <summary>Indexes of the columns of the primary key, -1 for a column that the publication lacks; empty if there is no primary key.</summary>
    public int[] KeyIndexes { get; private init; } = [];

    /// <summary>Generated columns, which the server may not send. They count as changed with every update.</summary>
    public IReadOnlyList<string> Generated { get; private init; } = [];

    public static CapturedShape From(CapturedTable table, RelationMessage relation, IReadOnlyList<string> key, IReadOnlyList<string> generated)
    {
        CapturedColumn[] columns = [.. relation.Columns.Select(static column => new CapturedColumn(
            column.ColumnName, column.DataTypeId, column.Flags.HasFlag(RelationMessage.Column.ColumnFlags.PartOfKey), column.TypeModifier))];
        return new(table, columns, relation.ReplicaIdentity)
        {
            KeyIndexes = [.. key.Select(name => Array.FindIndex(columns, column => column.Name == name))],
            Generated = generated,
        };
    }

    /// <summary>Whether both describe the same columns. A difference means that the table was altered in between.</summary>
    public bool IsSame(CapturedShape other) => columns.AsSpan().SequenceEqual(other.Columns) && IsFull == other.IsFull;
}

/// <summary>Column of a captured table.</summary>
/// <param name="Name">Name.</param>
/// <param name="Type">OID of the type.</param>
/// <param name="IsIdentity">Whether the column belongs to the replica identity.</param>
/// <param name="Modifier">Modifier of the type, such as its length.</param>
internal readonly record struct CapturedColumn(string Name, uint Type, bool IsIdentity, int Modifier);
