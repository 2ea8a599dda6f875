using System.Linq.Expressions;
using System.Reflection;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Column that the shaper of a plan reads from each row.</summary>
/// <param name="Projection">Projection of the plan.</param>
/// <param name="Value">Part of the shaper that reads the projection; null if an entity contains it.</param>
/// <param name="Property">Property of the entity of each row.</param>
internal sealed record RowValue(int Projection, Expression? Value, IProperty? Property)
{
    /// <summary>Finds a projection; null if the shaper reads it neither as a value nor into a property of the entity of each row.</summary>
    public static RowValue? Find(Expression shaper, SelectExpression root, int projection)
    {
        var (value, property) = (KeyFinder.Find(shaper, root, projection), KeyFinder.PropertyOf(shaper, root, projection));
        return value is null && property is null ? null : new RowValue(projection, value, property);
    }

    /// <summary>Returns the projection of a column; null if the select does not return it.</summary>
    public static int? IndexOf(ColumnExpression column, SelectExpression select)
    {
        for (var i = 0; i < select.Projection.Count; i++)
        {
            if (select.Projection[i].Expression is ColumnExpression one && IsSame(one, column))
                return i;
        }

        return null;
    }

    /// <summary>Returns a shaper that passes the value of each row to a method.</summary>
    /// <param name="shaper">Shaper.</param>
    /// <param name="method">Method with the types of the row and of the value. Its parameters are the execution, those given here, the value, the row.</param>
    /// <param name="arguments">Arguments between the execution and the value.</param>
    public Expression Observed(Expression shaper, MethodInfo method, params Expression[] arguments)
    {
        if (Value is not null)
            return Call(Value, shaper);
        var entity = Expression.Variable(shaper.Type);
        var read = Expression.Convert(Expression.MakeMemberAccess(entity, Property!.GetMemberInfo(forMaterialization: true, forSet: false)), typeof(object));
        var value = Expression.Condition(Expression.Equal(entity, Expression.Constant(null, shaper.Type)), Expression.Constant(null), read);
        return Expression.Block([entity], Expression.Assign(entity, shaper), Call(value, entity));

        MethodCallExpression Call(Expression value, Expression row) =>
            Expression.Call(method.MakeGenericMethod(shaper.Type, value.Type), [QueryCompilationContext.QueryContextParameter, .. arguments, value, row]);
    }

    private static bool IsSame(ColumnExpression one, ColumnExpression other) =>
        string.Equals(one.TableAlias, other.TableAlias, StringComparison.Ordinal) && string.Equals(one.Name, other.Name, StringComparison.Ordinal);
}
