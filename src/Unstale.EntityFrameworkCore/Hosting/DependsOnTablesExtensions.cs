using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Unstale.EntityFrameworkCore;
using Unstale.EntityFrameworkCore.Reads;

namespace Microsoft.EntityFrameworkCore;

/// <summary>Extension that declares the tables of a view.</summary>
public static class DependsOnTablesExtensions
{
    /// <summary>
    /// Declares the tables that a view, an SQL query (<c>ToSqlQuery</c>) or a function (<c>ToFunction</c>) reads: its queries depend on all rows of these tables. Without a
    /// declaration, they depend on every table of the model. A table that is left out is not followed. Not for materialized views, which change without a write.
    /// </summary>
    /// <typeparam name="TEntity">Type of the entity.</typeparam>
    /// <param name="builder">Builder of the entity type.</param>
    /// <param name="tables">Names of tables of the model, with the schema if the model names one: <c>table</c> or <c>schema.table</c>.</param>
    /// <returns>Builder, for further calls.</returns>
    /// <exception cref="ArgumentException">There is no table, or a name is empty.</exception>
    public static EntityTypeBuilder<TEntity> DependsOnTables<TEntity>(this EntityTypeBuilder<TEntity> builder, params string[] tables)
        where TEntity : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(tables);
        if (tables.Length == 0 || Array.Exists(tables, string.IsNullOrEmpty))
            throw new ArgumentException(Errors.NoDeclaredTable(typeof(TEntity).Name), nameof(tables));
        DeclaredTables.Set(builder.Metadata, tables);
        return builder;
    }
}
