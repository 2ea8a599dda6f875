using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Unstale.Tests.Model.Mutants;

/// <summary>
/// Sources with the mistakes of many mutants, of which a number selects one at run time: one compilation instead of one for each mutant. A mistake in the body of
/// a member becomes a second body beside the first one. A mutant that changes anything else is left out.
/// </summary>
internal sealed class MistakeSwitch
{
    private const string Type = "PlantedMistake";
    private const string Field = "Number";

    private readonly Dictionary<IReadOnlyList<Patch>, int> _numbers = [];
    private readonly Dictionary<string, SyntaxTree> _trees;

    /// <param name="trees">Sources by file.</param>
    /// <param name="mutants">Patches of each mutant.</param>
    public MistakeSwitch(IReadOnlyDictionary<string, SyntaxTree> trees, IEnumerable<IReadOnlyList<Patch>> mutants)
    {
        _trees = new(trees, StringComparer.Ordinal) { [Type] = MutantCompiler.Parse($"internal static class {Type} {{ public static int {Field}; }}", Type) };
        var bodies = new Dictionary<string, IReadOnlyList<MemberBody>>(StringComparer.Ordinal);
        var mistakes = new Dictionary<MemberBody, List<(int Number, string Statement)>>();
        foreach (var patches in mutants)
        {
            if (Find(patches, trees, bodies) is not { } found)
                continue;
            var number = _numbers.Count + 1;
            _numbers.Add(patches, number);
            foreach (var (body, statement) in found)
            {
                if (!mistakes.TryGetValue(body, out var known))
                    mistakes.Add(body, known = []);
                known.Add((number, statement));
            }
        }

        foreach (var file in mistakes.GroupBy(static one => one.Key.File, StringComparer.Ordinal))
        {
            var changes = file.Select(static one => new TextChange(one.Key.Span, one.Key.With(one.Value, $"global::{Type}.{Field}")));
            _trees[file.Key] = MutantCompiler.Parse(trees[file.Key].GetText().WithChanges(changes).ToString(), file.Key);
        }
    }

    public IEnumerable<SyntaxTree> Trees => _trees.Values;

    /// <summary>Returns the number of a mutant; null for a mutant that was left out.</summary>
    public int? NumberOf(IReadOnlyList<Patch> patches) => _numbers.TryGetValue(patches, out var number) ? number : null;

    /// <summary>Selects the mistake of a compiled assembly. Zero selects none.</summary>
    public static void Select(System.Reflection.Assembly assembly, int number) => assembly.GetType(Type)!.GetField(Field)!.SetValue(obj: null, number);

    /// <summary>Returns the bodies that a mutant changes; null if it changes anything else, or if a patch does not apply.</summary>
    private static List<(MemberBody Body, string Statement)>? Find(
        IReadOnlyList<Patch> patches, IReadOnlyDictionary<string, SyntaxTree> trees, Dictionary<string, IReadOnlyList<MemberBody>> bodies)
    {
        if (!patches.All(patch => trees.TryGetValue(patch.File, out var tree) && tree.ToString().Split(patch.Text).Length == 2))
            return null;
        var found = new List<(MemberBody, string)>();
        foreach (var patched in MutantCompiler.Patched(trees, patches))
        {
            var tree = trees[patched.FilePath];
            if (!bodies.TryGetValue(patched.FilePath, out var before))
                bodies.Add(patched.FilePath, before = MemberBody.AllOf(tree));
            var after = MemberBody.AllOf(patched);
            if (after.Count != before.Count || MemberBody.Without(tree, before) != MemberBody.Without(patched, after))
                return null;
            found.AddRange(before.Zip(after).Where(static both => both.First.Text != both.Second.Text).Select(static both => (both.First, both.Second.Statement)));
        }

        return found;
    }

    /// <summary>Body of a member.</summary>
    /// <param name="File">File.</param>
    /// <param name="Span">Place in the file.</param>
    /// <param name="Text">Text.</param>
    /// <param name="Statement">The same as a block.</param>
    /// <param name="IsGetter">Whether the body is that of a property without accessors.</param>
    private sealed record MemberBody(string File, TextSpan Span, string Text, string Statement, bool IsGetter)
    {
        public static IReadOnlyList<MemberBody> AllOf(SyntaxTree tree) => [.. tree.GetRoot().DescendantNodes(static node => BodyOf(node) is null).Select(node => Of(tree, node)).OfType<MemberBody>()];

        /// <summary>Returns the text outside the bodies.</summary>
        public static string Without(SyntaxTree tree, IEnumerable<MemberBody> bodies) =>
            tree.GetText().WithChanges(bodies.Select(static body => new TextChange(body.Span, "?"))).ToString();

        /// <summary>Returns a body that runs the selected mistake in place of itself.</summary>
        public string With(IEnumerable<(int Number, string Statement)> mistakes, string number)
        {
            var text = new StringBuilder("{ ");
            foreach (var mistake in mistakes)
                text.Append("if (").Append(number).Append(" == ").Append(mistake.Number).Append(") ").Append(mistake.Statement).Append(" else ");
            text.Append(Statement).Append(" }");
            return IsGetter ? $"{{ get {text} }}" : text.ToString();
        }

        private static MemberBody? Of(SyntaxTree tree, SyntaxNode member)
        {
            if (BodyOf(member) is not { } body)
                return null;
            var span = body is ArrowExpressionClauseSyntax ? TextSpan.FromBounds(body.SpanStart, member.Span.End) : body.Span;
            var statement = body is ArrowExpressionClauseSyntax { Expression: var expression } ? StatementOf(member, expression) : body.ToString();
            return new MemberBody(tree.FilePath, span, tree.GetText().ToString(span), statement, member is BasePropertyDeclarationSyntax);
        }

        private static SyntaxNode? BodyOf(SyntaxNode node) => node switch
        {
            BaseMethodDeclarationSyntax method => (SyntaxNode?)method.Body ?? method.ExpressionBody,
            AccessorDeclarationSyntax accessor => (SyntaxNode?)accessor.Body ?? accessor.ExpressionBody,
            PropertyDeclarationSyntax property => property.ExpressionBody,
            IndexerDeclarationSyntax indexer => indexer.ExpressionBody,
            _ => null,
        };

        private static string StatementOf(SyntaxNode member, ExpressionSyntax expression) => expression is ThrowExpressionSyntax || !HasResult(member)
            ? $"{{ {expression}; }}"
            : $"{{ return {expression}; }}";

        private static bool HasResult(SyntaxNode member) => member switch
        {
            MethodDeclarationSyntax { ReturnType: var type, Modifiers: var modifiers } =>
                type.ToString() is var name && name != "void" && !(name is "Task" or "ValueTask" && modifiers.Any(static one => one.ValueText == "async")),
            AccessorDeclarationSyntax { Keyword.ValueText: not "get" } or ConstructorDeclarationSyntax or DestructorDeclarationSyntax => false,
            _ => true,
        };
    }
}
