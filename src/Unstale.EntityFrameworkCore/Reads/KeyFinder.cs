using System.Linq.Expressions;
using System.Reflection;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Finds the part of a shaper that reads one projection for each row of a plan, and not for the rows of its collections.</summary>
internal sealed class KeyFinder : ExpressionVisitor
{
    private readonly SelectExpression _select;
    private readonly int _projection;
    private Expression? _found;

    private KeyFinder(SelectExpression select, int projection)
    {
        _select = select;
        _projection = projection;
    }

    /// <summary>Returns the expression that reads a projection; null if no value of its own reads it.</summary>
    public static Expression? Find(Expression shaper, SelectExpression select, int projection)
    {
        var finder = new KeyFinder(select, projection);
        finder.Visit(shaper);
        return finder._found;
    }

    /// <summary>Returns the property of the entity of each row that reads a projection; null if the rows are no entities, or if the property is a shadow one.</summary>
    public static IProperty? PropertyOf(Expression shaper, SelectExpression select, int projection)
    {
        while (shaper is IncludeExpression include)
            shaper = include.EntityExpression;
        if (shaper is not StructuralTypeShaperExpression { ValueBufferExpression: ProjectionBindingExpression binding })
            return null;
        return select.GetProjection(binding) is ConstantExpression { Value: IDictionary<IPropertyBase, int> columns }
            ? columns.Where(one => one.Value == projection).Select(static one => one.Key).OfType<IProperty>().FirstOrDefault(IsAsRead)
            : null;
    }

    /// <summary>Returns the projection that an expression reads; null for another one.</summary>
    public static int? ProjectionOf(Expression expression, SelectExpression select) => expression switch
    {
        UnaryExpression { NodeType: ExpressionType.Convert } converted => ProjectionOf(converted.Operand, select),
        ProjectionBindingExpression binding => select.GetProjection(binding) is ConstantExpression { Value: int index } ? index : null,
        _ => null,
    };

    public override Expression? Visit(Expression? node)
    {
        switch (node)
        {
            case ProjectionBindingExpression binding:
                if (ProjectionOf(binding, _select) == _projection)
                    _found = binding;
                return node;
            case RelationalCollectionShaperExpression collection:
                Visit(collection.ParentIdentifier);
                return node;
            case RelationalSplitCollectionShaperExpression split:
                Visit(split.ParentIdentifier);
                return node;
            case StructuralTypeShaperExpression or SelectExpression:
                return node;
            default:
                return base.Visit(node);
        }
    }

    /// <summary>Returns whether an entity has the value of the database. A setter or constructor of the application can alter it.</summary>
    private static bool IsAsRead(IProperty property) =>
        !property.IsShadowProperty()
        && property.GetMemberInfo(forMaterialization: true, forSet: true) is FieldInfo
        && property.DeclaringType.ConstructorBinding?.ParameterBindings.Any(binding => binding.ConsumedProperties.Contains(property)) is not true;
}
