using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Unstale.Analyzers.Tags;

/// <summary>Tags of one compilation, collected from calls on several threads.</summary>
internal sealed class TagUses(KnownTypes types)
{
    private readonly ConcurrentQueue<(TagShape Shape, IOperation Value)> _invalidated = new();
    private readonly ConcurrentDictionary<TagShape, bool> _carried = new();
    private readonly ConcurrentDictionary<TagShape, int> _texts = new();
    private readonly ConcurrentDictionary<TagShape, int> _invalidatedTexts = new();
    private volatile bool _hasUnknown;

    /// <summary>Invalidated tags in the order of their position.</summary>
    public IEnumerable<(TagShape Shape, IOperation Value)> Invalidated => _invalidated
        .OrderBy(static one => one.Value.Syntax.SyntaxTree.FilePath, StringComparer.Ordinal).ThenBy(static one => one.Value.Syntax.SpanStart);

    /// <summary>Tags that reads and sets carry.</summary>
    public ICollection<TagShape> Carried => _carried.Keys;

    /// <summary>Whether a read or a set carries a tag that is not constant.</summary>
    public bool HasUnknown => _hasUnknown;

    /// <summary>Returns whether the text is written anywhere outside of invalidations: in a helper, a query, a rule or an attribute.</summary>
    public bool IsWrittenElsewhere(TagShape shape) =>
        _texts.TryGetValue(shape, out var all) && all > (_invalidatedTexts.TryGetValue(shape, out var invalidated) ? invalidated : 0);

    public void AddCall(IInvocationOperation call)
    {
        // The tags of a query are a member of the query, or are found by its type.
        if (call.TargetMethod.ContainingType.Is(types.QueryCache))
            _hasUnknown = true;
        foreach (var argument in TagArguments.Invalidated(call, types))
        {
            foreach (var value in Values(argument))
                AddInvalidated(value);
        }

        foreach (var argument in TagArguments.Carried(call, types))
        {
            if (!argument.IsImplicit)
                AddCarried(argument);
        }
    }

    /// <summary>Adds a text of the source. The declaration of a constant does not count, its uses do.</summary>
    public void AddText(IOperation value)
    {
        if (!IsConstant(value.Syntax.Parent?.Parent) && ShapeReader.ShapeOf(value, types) is { } shape)
            AddText(shape);
    }

    public void AddText(TagShape shape) => _texts.AddOrUpdate(shape, 1, static (_, count) => count + 1);

    private static bool IsConstant(SyntaxNode? declarator) => declarator is VariableDeclaratorSyntax && declarator.Parent?.Parent switch
    {
        FieldDeclarationSyntax field => field.Modifiers.Any(SyntaxKind.ConstKeyword),
        LocalDeclarationStatementSyntax local => local.IsConst,
        _ => false,
    };

    private static IEnumerable<IOperation?> Values(IArgumentOperation argument) =>
        argument.Parameter!.Name == "tag" ? [argument.Value] : ShapeReader.ElementsOf(argument.Value);

    private void AddInvalidated(IOperation? value)
    {
        if (value is null || ShapeReader.ShapeOf(value, types) is not { Text: not "*" } shape)
            return;
        value = value.Unwrapped();
        if (value is ILiteralOperation or IInterpolatedStringOperation or IFieldReferenceOperation)
            _invalidatedTexts.AddOrUpdate(shape, 1, static (_, count) => count + 1);
        // A constant of another project is shared with the reads there.
        if (value is not IFieldReferenceOperation { Field: var field } || SymbolEqualityComparer.Default.Equals(field.ContainingAssembly, value.SemanticModel!.Compilation.Assembly))
            _invalidated.Enqueue((shape, value));
    }

    private void AddCarried(IArgumentOperation argument)
    {
        var shapes = argument.Parameter!.Name == "tag"
            ? [ShapeReader.ShapeOf(argument.Value, types)]
            : DeclaredShapes.Of(argument.Value) ?? ShapeReader.ElementsOf(argument.Value).Select(value => value is null ? null : ShapeReader.ShapeOf(value, types));
        foreach (var shape in shapes)
        {
            if (shape is null)
                _hasUnknown = true;
            else
                _carried.TryAdd(shape, true);
        }
    }
}
