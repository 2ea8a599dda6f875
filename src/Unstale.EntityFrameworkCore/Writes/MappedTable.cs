using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Unstale.EntityFrameworkCore.Forms;
using Unstale.Predicates;

namespace Unstale.EntityFrameworkCore.Writes;

/// <summary>Table as the writes of a context use it. Created once for each model.</summary>
internal sealed class MappedTable
{
    private const string Annotation = "Unstale:Table";
    private readonly ITable _table;
    private readonly string? _provider;

    /// <summary>Table of the model at design time. The model of the running context has no collations.</summary>
    private readonly ITable? _design;

    private MappedTable(ITable table, DbContext context)
    {
        _table = table;
        _provider = context.Database.ProviderName;
        _design = context.GetService<IDesignTimeModel>().Model.GetRelationalModel().FindTable(table.Name, table.Schema);
        Name = TableNames.Of(table.Schema, table.Name);
        Key = [.. table.PrimaryKey?.Columns.Select(static column => column.Name) ?? []];
        HasRowVersion = table.Columns.Any(static column => column.PropertyMappings.Any(static of => IsRowVersion(of.Property)));
        Refreshed = [.. table.Columns.Where(IsRefreshed).Select(static column => column.Name)];
        Cascades = [.. table.ReferencingForeignKeyConstraints.Where(Cascade.IsCascading).Select(constraint => new Cascade(constraint, Key))];
    }

    public string Name { get; }

    /// <summary>Name in the schema.</summary>
    public string StoreName => _table.Name;

    public string? Schema => _table.Schema;

    /// <summary>Columns whose values have forms.</summary>
    public StoredColumn[] Stored => field ??=
        [.. _table.Columns.SelectMany(static column => column.PropertyMappings.Take(1)).Select(mapping => StoredColumn.Of(mapping, FormOf(mapping))).OfType<StoredColumn>()];

    /// <summary>End of a query that locks its rows. A transaction of SQLite cannot write once another one has committed since it read.</summary>
    public string Lock => _provider == ProviderNames.Npgsql ? " FOR UPDATE" : "";

    /// <summary>Columns of the primary key.</summary>
    public string[] Key { get; }

    /// <summary>Columns that the database may change in every update.</summary>
    public string[] Refreshed { get; }

    /// <summary>Whether an update of the row is executed only if no column has changed since the row was read.</summary>
    public bool HasRowVersion { get; }

    /// <summary>Changes of other tables that the database makes when it deletes a row of this one.</summary>
    public Cascade[] Cascades { get; }

    /// <summary>Whether entities of several types share a row.</summary>
    public bool IsShared => _table.IsShared;

    public static MappedTable Of(ITable table, DbContext context) =>
        table.GetOrAddRuntimeAnnotationValue(Annotation, static of => new MappedTable(of.table, of.context), (table, context));

    public static IEnumerable<MappedTable> All(DbContext context) => context.Model.GetRelationalModel().Tables.Select(table => Of(table, context));

    /// <summary>Returns whether rows can be read and locked with a provider.</summary>
    public static bool CanLock(string? provider) => provider is ProviderNames.Sqlite or ProviderNames.Npgsql;

    /// <summary>Returns whether a name in a statement means the table.</summary>
    public bool IsNamed(string? schema, string name) =>
        string.Equals(_table.Name, name, StringComparison.OrdinalIgnoreCase)
        && (schema is null || _table.Schema is null || string.Equals(_table.Schema, schema, StringComparison.OrdinalIgnoreCase));

    /// <summary>Returns the form of a column; null if none is coarser than the equality of the database.</summary>
    public ColumnForm? FormOf(IColumnMapping mapping) => ColumnForm.For(mapping.TypeMapping, _design?.FindColumn(mapping.Column.Name)?.Collation, _provider);

    /// <summary>Returns the forms of the key as a text; null if one is unknown.</summary>
    public string? KeyForm(List<KeyValuePair<string, ColumnValue>> values)
    {
        var text = new StringBuilder();
        foreach (var column in Key)
        {
            var at = values.FindIndex(one => string.Equals(one.Key, column, StringComparison.Ordinal));
            if (at < 0)
                return null;
            text.Append(values[at].Value.ToString()).Append(';');
        }

        return text.ToString();
    }

    /// <summary>Returns whether the entity type is not the one that inserts and deletes the row.</summary>
    public bool IsDependent(IEntityType type) => _table.GetRowInternalForeignKeys(type).Any();

    private bool IsRefreshed(IColumn column) =>
        _design?.FindColumn(column.Name)?.ComputedColumnSql is not null
        || column.PropertyMappings.Any(static of => of.Property.ValueGenerated is not (ValueGenerated.Never or ValueGenerated.OnAdd));

    /// <summary>Returns whether a property is the version of its row, which the database generates and each update checks.</summary>
    public static bool IsRowVersion(IProperty property) => property is { IsConcurrencyToken: true, ValueGenerated: ValueGenerated.OnAddOrUpdate };
}
