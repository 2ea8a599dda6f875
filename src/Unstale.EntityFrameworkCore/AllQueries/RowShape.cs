using System.Data.Common;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;
using Unstale.EntityFrameworkCore.Forms;

namespace Unstale.EntityFrameworkCore.AllQueries;

/// <summary>Columns of the rows of one command, with the call of the reader by which Entity Framework Core reads each of them.</summary>
internal sealed class RowShape
{
    private readonly string[] _names;
    private readonly ColumnReader[] _columns;

    private RowShape(string[] names, ColumnReader[] columns)
    {
        _names = names;
        _columns = columns;
    }

    /// <summary>Returns the shape of a select; null if a column has values that cannot be stored.</summary>
    public static RowShape? Of(IReadOnlyList<ProjectionExpression> projection)
    {
        var columns = projection.Select(static one => ColumnReader.For(one.Expression.TypeMapping)).ToArray();
        return columns.Contains(null) ? null : new RowShape([.. projection.Select(static one => one.Alias)], columns!);
    }

    /// <summary>Returns whether the columns are those of a reader. A column without an alias has a name that the database chooses.</summary>
    public bool Fits(DbDataReader reader)
    {
        if (reader.FieldCount != _names.Length)
            return false;
        for (var at = 0; at < _names.Length; at++)
        {
            if (_names[at].Length > 0 && !string.Equals(_names[at], reader.GetName(at), StringComparison.Ordinal))
                return false;
        }

        return true;
    }

    /// <summary>Returns the values of the current row.</summary>
    public object?[] Read(DbDataReader reader)
    {
        var row = new object?[_columns.Length];
        for (var at = 0; at < row.Length; at++)
            row[at] = reader.IsDBNull(at) ? null : _columns[at].Read(reader, at);
        return row;
    }
}
