using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Unstale.EntityFrameworkCore.Forms;

namespace Unstale.EntityFrameworkCore.Writes;

/// <summary>Rows in which an entity is stored: one for each of its tables. Created once for each type of a model.</summary>
internal sealed class MappedEntity
{
    private const string Annotation = "Unstale:Rows";
    private int _reported;

    private MappedEntity(IEntityType type, DbContext context)
    {
        Type = type;
        if (UsesProcedures(type))
            Rows = null;
        else if (type.IsMappedToJson())
            Rows = JsonRows(type, context);
        else
            Rows = [.. type.GetTableMappings().Select(mapping => new MappedRow(mapping, context))];
        IsChecked = Rows is not null && Rows.All(static row => row.Table.HasRowVersion);
    }

    public IEntityType Type { get; }

    /// <summary>Rows; null if unknown.</summary>
    public MappedRow[]? Rows { get; }

    public static MappedEntity Of(IEntityType type, DbContext context) =>
        type.GetOrAddRuntimeAnnotationValue(Annotation, static of => new MappedEntity(of.type, of.context), (type, context));

    /// <summary>Whether each row has a version that updates and deletes check.</summary>
    public bool IsChecked { get; }

    /// <summary>Returns true once.</summary>
    public bool BeginReport() => Interlocked.Exchange(ref _reported, 1) == 0;

    private static bool UsesProcedures(IEntityType type) =>
        type.GetInsertStoredProcedureMappings().Any() || type.GetUpdateStoredProcedureMappings().Any() || type.GetDeleteStoredProcedureMappings().Any();

    /// <summary>Returns the rows of an entity in a JSON column: those of the entity that owns the document.</summary>
    private static MappedRow[]? JsonRows(IEntityType type, DbContext context)
    {
        var owner = type;
        var key = type.FindPrimaryKey()!.Properties.ToDictionary(static property => property, static property => property);
        while (owner.IsMappedToJson())
        {
            var ownership = owner.FindOwnership()!;
            var outer = new Dictionary<IProperty, IProperty>();
            for (var i = 0; i < ownership.Properties.Count; i++)
            {
                if (key.TryGetValue(ownership.Properties[i], out var own))
                    outer[ownership.PrincipalKey.Properties[i]] = own;
            }

            (owner, key) = (ownership.PrincipalEntityType, outer);
        }

        var column = type.GetContainerColumnName();
        return column is null ? null : [.. owner.GetTableMappings().Where(mapping => mapping.Table.FindColumn(column) is not null)
            .Select(mapping => new MappedRow(mapping, context, key, column))];
    }
}

/// <summary>Columns of one table in which an entity, or a document owned by it, is stored.</summary>
internal sealed class MappedRow
{
    public MappedRow(ITableMapping mapping, DbContext context)
    {
        Table = MappedTable.Of(mapping.Table, context);
        IsDependent = mapping.TypeBase is IEntityType type && Table.IsDependent(type);
        Columns = [.. mapping.ColumnMappings.Select(column => new MappedColumn(column, column.Property, Table))];
        Documents = [.. mapping.TypeBase.GetFlattenedComplexProperties().Where(static of => of.ComplexType.IsMappedToJson())
            .Select(static of => of.ComplexType.GetContainerColumnName()).OfType<string>()];
    }

    /// <param name="mapping">Table of the entity that owns the document.</param>
    /// <param name="context">Context of the model.</param>
    /// <param name="key">Properties of the document by the key properties of its owner.</param>
    /// <param name="document">Column of the document.</param>
    public MappedRow(ITableMapping mapping, DbContext context, Dictionary<IProperty, IProperty> key, string document)
    {
        Table = MappedTable.Of(mapping.Table, context);
        IsDependent = true;
        Columns = [.. mapping.ColumnMappings.Where(column => key.ContainsKey(column.Property)).Select(column => new MappedColumn(column, key[column.Property], Table))];
        Documents = [document];
    }

    public MappedTable Table { get; }

    /// <summary>Whether the row is inserted and deleted with another entity.</summary>
    public bool IsDependent { get; }

    public MappedColumn[] Columns { get; }

    /// <summary>Columns of documents, whose changes are not compared.</summary>
    public string[] Documents { get; }
}

/// <summary>Column in which a property is stored.</summary>
/// <param name="mapping">Mapping of the column.</param>
/// <param name="property">Property of the entity with the value.</param>
/// <param name="table">Table of the column.</param>
internal sealed class MappedColumn(IColumnMapping mapping, IProperty property, MappedTable table)
{
    public string Name { get; } = mapping.Column.Name;

    public IProperty Property => property;

    public RelationalTypeMapping Mapping => mapping.TypeMapping;

    /// <summary>Form of the values; null if unknown.</summary>
    public ColumnForm? Form { get; } = table.FormOf(mapping);

    public bool IsKey { get; } = table.Key.Contains(mapping.Column.Name);

    /// <summary>Whether an update compares the original value in the database.</summary>
    public bool IsToken => property.IsConcurrencyToken;

    /// <summary>Whether the database generates a value that the application does not set.</summary>
    public bool IsGenerated { get; } = property.ValueGenerated != ValueGenerated.Never;
}
