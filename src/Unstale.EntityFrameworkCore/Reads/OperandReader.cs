using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;
using Unstale.EntityFrameworkCore.Forms;
using Unstale.Predicates;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Reads the comparisons of one condition, and collects its columns, which must be those of one table.</summary>
internal sealed class OperandReader(ConditionReader conditions, SourceScope scope)
{
    /// <summary>Maximum depth of arithmetic.</summary>
    private const int MostLevels = 4;

    private readonly SortedSet<string> _columns = new(StringComparer.Ordinal);

    /// <summary>Table of the columns read so far; null for none.</summary>
    public Source? Source { get; private set; }

    public IReadOnlyCollection<string> Columns => _columns;

    public bool IsConstant { get; private set; } = true;

    /// <summary>Reads a comparison of columns, values and integer arithmetic. Returns null for any other one.</summary>
    public Binder<Residual>? Compare(ComparisonKind kind, SqlExpression left, SqlExpression right)
    {
        if (ConditionReader.ColumnOf(left) is { } one)
        {
            if (ConditionReader.ValueOf(right, one) is { } value)
                return Compare(kind, one, value);
            if (ReferenceEquals(left, one) && right is ColumnExpression other && CompareColumns(kind, one, other) is { } columns)
                return columns;
        }
        else if (ConditionReader.ColumnOf(right) is { } column && ConditionReader.ValueOf(left, column) is { } value)
        {
            return Compare(kind, column, value, isMirrored: true);
        }

        return Integer(left, MostLevels) is { } a && Integer(right, MostLevels) is { } b
            ? (parameters, hash) => a(parameters, hash) is { } x && b(parameters, hash) is { } y ? new ComparedResidual(kind, x, y, isExact: true) : null
            : null;
    }

    /// <summary>Reads a comparison of a column with a value.</summary>
    public Binder<Residual>? Compare(ComparisonKind kind, ColumnExpression column, ValueSource value, bool isMirrored = false)
    {
        if (Add(column) is not { } form || !MayCompare(kind, form))
            return null;
        IsConstant &= value.IsConstant;
        var (left, isExact) = (Operand.OfColumn(column.Name), IsExact(kind, form));
        return (parameters, hash) =>
        {
            var values = new List<object?>(1);
            if (!value.TryRead(parameters, values) || !form.TryCreate(values[0], hash, out var bound))
                return null;
            var right = Operand.OfValue(bound);
            return isMirrored ? new ComparedResidual(kind, right, left, isExact) : new ComparedResidual(kind, left, right, isExact);
        };
    }

    /// <summary>Reads the condition that a column has one of several values.</summary>
    /// <param name="column">Column.</param>
    /// <param name="values">Values.</param>
    /// <param name="mayHaveNull">Whether a null among the values is known to match null.</param>
    public Binder<Residual>? IsIn(ColumnExpression column, ValueSource values, bool mayHaveNull)
    {
        if (Add(column) is not { } form)
            return null;
        IsConstant &= values.IsConstant;
        var left = Operand.OfColumn(column.Name);
        return (parameters, hash) =>
        {
            var read = new List<object?>();
            if (!values.TryRead(parameters, read) || read.Count is 0 or > RowPredicate.MostValues)
                return null;
            var parts = new Residual[read.Count];
            for (var i = 0; i < parts.Length; i++)
            {
                if (!form.TryCreate(read[i], hash, out var bound) || (bound.IsNull && !mayHaveNull))
                    return null;
                parts[i] = new ComparedResidual(ComparisonKind.Equal, left, Operand.OfValue(bound), form.IsExact);
            }

            return parts.Length == 1 ? parts[0] : new JoinedResidual(isAll: false, parts);
        };
    }

    private Binder<Residual>? CompareColumns(ComparisonKind kind, ColumnExpression one, ColumnExpression other)
    {
        if (Add(one) is not { } form || Add(other) is null || !MayCompare(kind, form) || !conditions.HaveOneType(new(Source!, one.Name, one.IsNullable), new(Source!, other.Name, other.IsNullable), one, other))
            return null;
        var bound = new ComparedResidual(kind, Operand.OfColumn(one.Name), Operand.OfColumn(other.Name), IsExact(kind, form));
        return (_, _) => bound;
    }

    private Binder<Operand>? Integer(SqlExpression expression, int levels)
    {
        if (levels == 0 || !IsShortOrLong(expression.Type))
            return null;
        switch (expression)
        {
            case ColumnExpression column when column.TypeMapping is { Converter: null } && Add(column) is { IsExactInOrder: true }:
                var bound = Operand.OfColumn(column.Name);
                return (_, _) => bound;
            case SqlConstantExpression or SqlParameterExpression when expression.TypeMapping is null or { Converter: null }:
                return Value(expression is SqlConstantExpression constant ? ValueSource.OfConstant(constant.Value) : ValueSource.OfParameter(((SqlParameterExpression)expression).Name));
            case SqlUnaryExpression { OperatorType: ExpressionType.Convert } converted:
                return IsInt32OrLong(converted.Type) && !(IsLong(converted.Operand.Type) && !IsLong(converted.Type)) ? Integer(converted.Operand, levels) : null;
            case SqlBinaryExpression { TypeMapping: null or { Converter: null } } computed when SignOf(computed.OperatorType) is { } sign:
                return Integer(computed.Left, levels - 1) is { } a && Integer(computed.Right, levels - 1) is { } b
                    ? (parameters, hash) => a(parameters, hash) is { } x && b(parameters, hash) is { } y ? Operand.OfIntegers(sign, x, y) : null
                    : null;
            default:
                return null;
        }
    }

    private Binder<Operand> Value(ValueSource value)
    {
        IsConstant &= value.IsConstant;
        return (parameters, hash) =>
        {
            var values = new List<object?>(1);
            return value.TryRead(parameters, values) && values[0] is { } one && IsShortOrLong(one.GetType()) && hash.TryCreate(one, out var form) ? Operand.OfValue(form) : null;
        };
    }

    /// <summary>Adds a column, and returns its form; null for a column of another table or without a form.</summary>
    private ColumnForm? Add(ColumnExpression column)
    {
        if (!scope.TryGet(column.TableAlias, out var source) || source.Table is null || (Source is not null && Source != source))
            return null;
        Source = source;
        _columns.Add(column.Name);
        return conditions.FormOf(source, column.Name, column.TypeMapping);
    }

    private static bool MayCompare(ComparisonKind kind, ColumnForm form) => kind is ComparisonKind.Equal || form.HasOrder;

    private static bool IsExact(ComparisonKind kind, ColumnForm form) => kind is ComparisonKind.Equal ? form.IsExact : form.IsExactInOrder;

    private static char? SignOf(ExpressionType type) => type switch
    {
        ExpressionType.Add => '+',
        ExpressionType.Subtract => '-',
        ExpressionType.Multiply => '*',
        ExpressionType.Modulo => '%',
        _ => null,
    };

    private static bool IsShortOrLong(Type type) => Type.GetTypeCode(Nullable.GetUnderlyingType(type) ?? type) is TypeCode.Byte or TypeCode.SByte or TypeCode.Int16 or TypeCode.UInt16 or TypeCode.Int32 or TypeCode.Int64 && !type.IsEnum;

    private static bool IsInt32OrLong(Type type) => Type.GetTypeCode(Nullable.GetUnderlyingType(type) ?? type) is TypeCode.Int32 or TypeCode.Int64;

    private static bool IsLong(Type type) => (Nullable.GetUnderlyingType(type) ?? type) == typeof(long);
}
