using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;
using Unstale.Predicates;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>
/// Reads a condition of a <c>WHERE</c> on the columns of one table. The tree has the nulls of C#: an equality is true or false. The provider adds the
/// comparisons with null when it generates the command.
/// </summary>
internal sealed class ResidualReader
{
    private readonly ConditionReader _conditions;
    private readonly OperandReader _operands;

    private ResidualReader(ConditionReader conditions, SourceScope scope)
    {
        _conditions = conditions;
        _operands = new OperandReader(conditions, scope);
    }

    /// <summary>Reads a condition. Returns null if a part is not known, or if the condition is not one on one table of the scope.</summary>
    public static ResidualTemplate? Read(ConditionReader conditions, SqlExpression condition, SourceScope scope, out Source source)
    {
        var reader = new ResidualReader(conditions, scope);
        var binder = conditions.HasRelationalNulls ? null : reader.Read(condition, Residual.MostLevels / 2);
        source = reader._operands.Source!;
        return binder is null || source is null ? null : new ResidualTemplate(reader._operands.Columns, reader._operands.IsConstant, binder) { RejectsNull = source.IsNullable };
    }

    /// <param name="condition">Condition.</param>
    /// <param name="levels">Maximum depth.</param>
    private Binder<Residual>? Read(SqlExpression condition, int levels) => levels == 0 ? null : condition switch
    {
        SqlBinaryExpression { OperatorType: ExpressionType.AndAlso or ExpressionType.OrElse } joined => ReadJoined(joined, levels),
        SqlUnaryExpression { OperatorType: ExpressionType.Not } negated when negated.Type == typeof(bool) => Negate(Read(negated.Operand, levels - 1)),
        SqlUnaryExpression { OperatorType: ExpressionType.Equal, Operand: ColumnExpression column } => _operands.Compare(ComparisonKind.Equal, column, ValueSource.Null),
        SqlUnaryExpression { OperatorType: ExpressionType.NotEqual, Operand: ColumnExpression column } =>
            Negate(_operands.Compare(ComparisonKind.Equal, column, ValueSource.Null)),
        ColumnExpression { IsNullable: false } flag when flag.Type == typeof(bool) => _operands.Compare(ComparisonKind.Equal, flag, ValueSource.OfConstant(true)),
        InExpression { Subquery: null } list when ConditionReader.ColumnOf(list.Item) is { } column && ConditionReader.ValuesOf(list, column) is { } values =>
            _operands.IsIn(column, values, mayHaveNull: true),
        SqlBinaryExpression comparison => ReadComparison(comparison),
        _ when ArrayCondition.Read(condition) is var (item, array) && ConditionReader.ColumnOf(item) is { } column && ConditionReader.HasConverterOf(array, column, isList: true) =>
            _operands.IsIn(column, ValueSource.OfList(array.Name), mayHaveNull: false),
        _ => null,
    };

    private Binder<Residual>? ReadJoined(SqlBinaryExpression joined, int levels)
    {
        var parts = new List<Binder<Residual>>();
        if (!TryAdd(joined, joined.OperatorType, levels - 1, parts))
            return null;
        var isAll = joined.OperatorType is ExpressionType.AndAlso;
        return (parameters, hash) =>
        {
            var bound = new Residual[parts.Count];
            for (var i = 0; i < bound.Length; i++)
            {
                if (parts[i](parameters, hash) is not { } part)
                    return null;
                bound[i] = part;
            }

            return new JoinedResidual(isAll, bound);
        };
    }

    /// <summary>Adds the parts of a chain of one operator.</summary>
    private bool TryAdd(SqlExpression condition, ExpressionType type, int levels, List<Binder<Residual>> parts)
    {
        if (condition is SqlBinaryExpression joined && joined.OperatorType == type)
            return TryAdd(joined.Left, type, levels, parts) && TryAdd(joined.Right, type, levels, parts);
        if (Read(condition, levels) is not { } part)
            return false;
        parts.Add(part);
        return true;
    }

    private Binder<Residual>? ReadComparison(SqlBinaryExpression comparison)
    {
        var (left, right) = ConditionReader.SidesOf(comparison);
        return comparison.OperatorType switch
        {
            ExpressionType.Equal => _operands.Compare(ComparisonKind.Equal, left, right),
            ExpressionType.NotEqual => Negate(_operands.Compare(ComparisonKind.Equal, left, right)),
            ExpressionType.LessThan => _operands.Compare(ComparisonKind.Less, left, right),
            ExpressionType.LessThanOrEqual => _operands.Compare(ComparisonKind.LessOrEqual, left, right),
            ExpressionType.GreaterThan => _operands.Compare(ComparisonKind.Less, right, left),
            ExpressionType.GreaterThanOrEqual => _operands.Compare(ComparisonKind.LessOrEqual, right, left),
            _ => null,
        };
    }

    private static Binder<Residual>? Negate(Binder<Residual>? inner) =>
        inner is null ? null : (parameters, hash) => inner(parameters, hash) is { } bound ? new NegatedResidual(bound) : null;
}
