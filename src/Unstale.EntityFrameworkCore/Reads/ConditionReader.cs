using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;
using Microsoft.EntityFrameworkCore.Storage;
using Unstale.EntityFrameworkCore.Forms;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Reads the conditions that can become terms. The caller drops all others: their columns are affecting.</summary>
/// <param name="provider">Name of the database provider.</param>
/// <param name="design">Model at design time. The model of the running context has neither collations nor computed columns.</param>
/// <param name="hasRelationalNulls">Whether comparisons with null are unknown, as in SQL, and not true or false, as in C#.</param>
internal sealed class ConditionReader(string? provider, IDesignTimeModel design, bool hasRelationalNulls)
{
    public bool HasRelationalNulls => hasRelationalNulls;

    /// <summary>Reads a condition on one column of a table of the scope. Returns null for any other condition.</summary>
    public TermTemplate? Read(SqlExpression condition, SourceScope scope, out Source source)
    {
        source = null!;
        return condition switch
        {
            ColumnExpression flag when flag.Type == typeof(bool) => Template(flag, TermKind.Values, ValueSource.OfConstant(true), scope, out source),
            SqlUnaryExpression { OperatorType: ExpressionType.Not, Operand: ColumnExpression { IsNullable: false } flag } when flag.Type == typeof(bool) =>
                Template(flag, TermKind.Values, ValueSource.OfConstant(false), scope, out source),
            SqlUnaryExpression { OperatorType: ExpressionType.Equal, Operand: ColumnExpression column } =>
                Template(column, TermKind.Values, ValueSource.Null, scope, out source),
            InExpression { Subquery: null } list when ColumnOf(list.Item) is { } column && ValuesOf(list, column) is { } values =>
                Template(column, TermKind.Values, values, scope, out source, hasRelationalNulls),
            SqlBinaryExpression comparison => ReadComparison(comparison, scope, out source),
            _ when ArrayCondition.Read(condition) is var (item, array) && ColumnOf(item) is { } column && HasConverterOf(array, column, isList: true) =>
                Template(column, TermKind.Values, ValueSource.OfList(array.Name), scope, out source, hasRelationalNulls),
            _ => null,
        };
    }

    /// <summary>Reads an equality of two columns.</summary>
    public static (ColumnExpression One, ColumnExpression Other)? ReadLink(SqlExpression condition) =>
        condition is SqlBinaryExpression { OperatorType: ExpressionType.Equal, Left: ColumnExpression one, Right: ColumnExpression other } ? (one, other) : null;

    /// <summary>Returns the form of a column of a table; null if the condition must be dropped.</summary>
    public ColumnForm? FormOf(Source source, string name, RelationalTypeMapping? mapping) =>
        DesignOf(source.Table)?.FindColumn(name) is { } stored ? ColumnForm.For(mapping ?? stored.StoreTypeMapping, stored.Collation, provider) : null;

    /// <summary>Returns a table as declared at design time.</summary>
    public ITable? DesignOf(ITable? table) => table is null ? null : design.Model.GetRelationalModel().FindTable(table.Name, table.Schema);

    /// <summary>Returns whether the database may order nulls before all values.</summary>
    public bool MayOrderNullsFirst(bool isDescending) => ColumnForm.AreNullsGreatest(provider) is not { } areGreatest || areGreatest == isDescending;

    /// <summary>Returns whether two columns have one type and collation, so that values of both can be compared by their forms.</summary>
    /// <param name="one">Column of a table.</param>
    /// <param name="other">Column of a table.</param>
    /// <param name="oneRead">Expression that reads the first column.</param>
    /// <param name="otherRead">Expression that reads the second column.</param>
    public bool HaveOneType(TableColumn one, TableColumn other, ColumnExpression oneRead, ColumnExpression otherRead)
    {
        var (from, to) = (DesignOf(one.Source.Table)?.FindColumn(one.Name), DesignOf(other.Source.Table)?.FindColumn(other.Name));
        return from is not null && to is not null
            && string.Equals(from.StoreType, to.StoreType, StringComparison.Ordinal)
            && string.Equals(from.Collation, to.Collation, StringComparison.Ordinal)
            && oneRead.TypeMapping?.Converter?.GetType() == otherRead.TypeMapping?.Converter?.GetType();
    }

    /// <summary>Returns the conditions of which all must hold.</summary>
    public static IEnumerable<SqlExpression> ConjunctsOf(SqlExpression condition) => condition is SqlBinaryExpression { OperatorType: ExpressionType.AndAlso } both
        ? ConjunctsOf(both.Left).Concat(ConjunctsOf(both.Right))
        : [condition];

    /// <summary>Returns the sides of a comparison.</summary>
    public static (SqlExpression Left, SqlExpression Right) SidesOf(SqlBinaryExpression comparison) =>
        // SQLite compares decimals by a function of the provider.
        comparison is { Left: SqlFunctionExpression { Name: "ef_compare", Arguments: [var one, var other] }, Right: SqlConstantExpression { Value: 0 } }
            ? (one, other)
            : (comparison.Left, comparison.Right);

    /// <summary>Returns the value of a constant or parameter of the type of a column; null for any other expression.</summary>
    public static ValueSource? ValueOf(SqlExpression value, ColumnExpression column) => value switch
    {
        SqlConstantExpression constant when HasConverterOf(value, column) => ValueSource.OfConstant(constant.Value),
        SqlParameterExpression parameter when HasConverterOf(value, column) => ValueSource.OfParameter(parameter.Name),
        _ => null,
    };

    /// <summary>Returns the values of a list; null if one is neither a constant nor a parameter of the type of a column.</summary>
    public static ValueSource? ValuesOf(InExpression list, ColumnExpression column)
    {
        if (list.ValuesParameter is { } parameter)
            return HasConverterOf(parameter, column, isList: true) ? ValueSource.OfList(parameter.Name) : null;
        var values = list.Values?.Select(value => ValueOf(value, column)).ToList();
        return values is null || values.Contains(null) ? null : ValueSource.Union(values!);
    }

    /// <summary>Returns a column, also below a conversion to a wider integer, which leaves the value as it is.</summary>
    public static ColumnExpression? ColumnOf(SqlExpression expression) => expression switch
    {
        ColumnExpression column => column,
        SqlUnaryExpression { OperatorType: ExpressionType.Convert, Operand: ColumnExpression column } converted when IsWider(converted.Type, column.Type) => column,
        _ => null,
    };

    /// <summary>Returns whether a value is converted as the column is.</summary>
    public static bool HasConverterOf(SqlExpression value, ColumnExpression column, bool isList = false)
    {
        if (value.TypeMapping is not { } mapping)
            return true;
        if (isList && mapping.ElementTypeMapping is { } element)
            return element.Converter?.GetType() == column.TypeMapping?.Converter?.GetType();
        return mapping.Converter?.GetType() == column.TypeMapping?.Converter?.GetType();
    }

    private TermTemplate? ReadComparison(SqlBinaryExpression comparison, SourceScope scope, out Source source)
    {
        source = null!;
        var ((left, right), type) = (SidesOf(comparison), comparison.OperatorType);
        if (ColumnOf(left) is null)
            (left, right, type) = (right, left, Mirrored(type));
        if (KindOf(type) is not { } kind || ColumnOf(left) is not { } column || ValueOf(right, column) is not { } value)
            return null;
        return Template(column, kind, value, scope, out source, hasRelationalNulls, isStrict: type is ExpressionType.GreaterThan or ExpressionType.LessThan);
    }

    private TermTemplate? Template(
        ColumnExpression column, TermKind kind, ValueSource values, SourceScope scope, out Source source, bool rejectsNull = false, bool isStrict = false)
    {
        if (!scope.TryGet(column.TableAlias, out source!) || FormOf(source, column.Name, column.TypeMapping) is not { } form || (kind is not TermKind.Values && !form.HasOrder))
            return null;
        return new TermTemplate(column.Name, form, kind, values)
        {
            IsExact = kind is TermKind.Values ? form.IsExact : form.IsExactInOrder && !isStrict,
            RejectsNull = rejectsNull,
            Rank = TermRank.Of(source.Table!, column.Name, kind),
        };
    }

    private static bool IsWider(Type to, Type from)
    {
        var (target, origin) = (Nullable.GetUnderlyingType(to) ?? to, Nullable.GetUnderlyingType(from) ?? from);
        return target == typeof(long) && StoredForm.IsInteger(origin) && origin != typeof(ulong);
    }

    private static TermKind? KindOf(ExpressionType type) => type switch
    {
        ExpressionType.Equal => TermKind.Values,
        ExpressionType.GreaterThan or ExpressionType.GreaterThanOrEqual => TermKind.From,
        ExpressionType.LessThan or ExpressionType.LessThanOrEqual => TermKind.To,
        _ => null,
    };

    private static ExpressionType Mirrored(ExpressionType type) => type switch
    {
        ExpressionType.GreaterThan => ExpressionType.LessThan,
        ExpressionType.GreaterThanOrEqual => ExpressionType.LessThanOrEqual,
        ExpressionType.LessThan => ExpressionType.GreaterThan,
        ExpressionType.LessThanOrEqual => ExpressionType.GreaterThanOrEqual,
        _ => type,
    };
}
