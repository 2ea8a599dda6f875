using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;

namespace Unstale.EntityFrameworkCore.AllQueries;

/// <summary>Reads the columns of all commands of a plan from its finished tree.</summary>
internal sealed class RowShapeReader : ExpressionVisitor
{
    private readonly List<RowShape> _shapes = [];
    private bool _isUnknown;

    private RowShapeReader()
    {
    }

    /// <summary>Returns the shapes; null if a column has values that cannot be stored.</summary>
    public static List<RowShape>? Read(Expression finished)
    {
        var reader = new RowShapeReader();
        reader.Visit(finished);
        return reader._isUnknown || reader._shapes.Count == 0 ? null : reader._shapes;
    }

    public override Expression? Visit(Expression? node)
    {
        switch (node)
        {
            case ShapedQueryExpression shaped:
                Add(shaped.QueryExpression);
                Visit(shaped.ShaperExpression);
                return node;
            case RelationalSplitCollectionShaperExpression split:
                Add(split.SelectExpression);
                Visit(split.InnerShaper);
                return node;
            case SelectExpression:
                return node; // a subquery is part of its command
            default:
                return base.Visit(node);
        }
    }

    private void Add(Expression query)
    {
        if (query is SelectExpression select && RowShape.Of(select.Projection) is { } shape)
            _shapes.Add(shape);
        else
            _isUnknown = true;
    }
}
