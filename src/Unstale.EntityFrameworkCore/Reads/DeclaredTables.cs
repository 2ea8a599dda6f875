using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;
using Unstale.EntityFrameworkCore.Forms;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>
/// Tables that the model declares for a view, an SQL query or a function of the database, whose text is not read. Stored as an annotation of the entity type.
/// </summary>
internal static class DeclaredTables
{
    private const string Annotation = "Unstale:DependsOnTables";
    private const char Separator = '\n';

    public static void Set(IMutableEntityType type, IEnumerable<string> tables) => type.SetAnnotation(Annotation, string.Join(Separator, tables));

    /// <summary>Returns the declared tables of a source of rows; null if there are none.</summary>
    /// <exception cref="InvalidOperationException">A declared table is not part of the model.</exception>
    public static IReadOnlyList<string>? Of(TableExpressionBase source)
    {
        if (MappingOf(source) is not { } mapped || mapped.EntityTypeMappings.Select(static mapping => mapping.TypeBase).FirstOrDefault(HasDeclaration) is not { } type)
            return null;
        var tables = ((string)type.FindAnnotation(Annotation)!.Value!).Split(Separator);
        var known = type.Model.GetRelationalModel().Tables.Select(static table => TableNames.Of(table.Schema, table.Name)).ToHashSet(StringComparer.Ordinal);
        return Array.Find(tables, table => !known.Contains(table)) is { } unknown ? throw Errors.DeclaredTable(type.DisplayName(), unknown) : tables;
    }

    private static bool IsQueryOf(ITypeBase type, string sql) => type is IEntityType entity && string.Equals(entity.GetSqlQuery(), sql, StringComparison.Ordinal);

    private static bool HasDeclaration(ITypeBase type) => type.FindAnnotation(Annotation) is not null;

    /// <summary>Returns the mapping of a source. SQL that a caller writes has none, because it is not the text of the mapping.</summary>
    private static ITableBase? MappingOf(TableExpressionBase source) => source switch
    {
        TableExpression { Table: not ITable } view => view.Table,
        FromSqlExpression { Table: { } table, Sql: var sql } when table.EntityTypeMappings.Any(mapping => IsQueryOf(mapping.TypeBase, sql)) => table,
        TableValuedFunctionExpression function => function.StoreFunction,
        _ => null,
    };
}
