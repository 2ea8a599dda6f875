using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace Unstale.Tests.Architecture;

/// <summary>Uses of types that <see cref="AssemblyTypes"/> finds, and uses that <see cref="FolderGraph"/> allows, over planted code.</summary>
public sealed class AssemblyTypesTests
{
    private const string Vocabulary = """
        namespace Unstale.Low
        {
            public class Base : System.Exception { public int Field; public static Base One => null!; public Base Next() => this; }
            public interface IContract;
            public enum Choice { First, Second }
            public class Box<T> { public class Inner { public static int Count; } }
            public class MarkAttribute : System.Attribute;
            public static class Extensions { public static void Do(this object one, Choice choice) { } }
        }

        namespace Unstale { public class Vocabulary { public Unstale.Low.Base? Hidden; } public class Word { public Vocabulary? More; } }
        """;

    [Theory]
    [InlineData("class User : Base;", "Base")]
    [InlineData("class User : IContract;", "IContract")]
    [InlineData("class User { Base? _field; }", "Base")]
    [InlineData("class User { Base[][]? _field; }", "Base")]
    [InlineData("class User { System.Collections.Generic.Dictionary<int, (Base, int)>? _field; }", "Base")]
    [InlineData("class User { void M(Base one) { } }", "Base")]
    [InlineData("class User { void M(ref Base one) { } }", "Base")]
    [InlineData("class User { Base? P => null; }", "Base")]
    [InlineData("class User { event System.Action<Base>? E; }", "Base")]
    [InlineData("class User<T> where T : IContract;", "IContract")]
    [InlineData("class User { void M<T>() where T : IContract { } }", "IContract")]
    [InlineData("[Mark] class User;", "MarkAttribute")]
    [InlineData("class User { [Mark] void M() { } }", "MarkAttribute")]
    [InlineData("class User { [Mark] int P => 1; }", "MarkAttribute")]
    [InlineData("class User { object M() => new Base(); }", "Base")]
    [InlineData("class User { object M() => Base.One; }", "Base")]
    [InlineData("class User { object M() => typeof(Base); }", "Base")]
    [InlineData("class User { object M() => System.Array.Empty<Base>(); }", "Base")]
    [InlineData("class User { object M() => new Base[1]; }", "Base")]
    [InlineData("class User { bool M(object o) => o is Base; }", "Base")]
    [InlineData("class User { void M() { try { System.GC.Collect(); } catch (Base) { } } }", "Base")]
    [InlineData("class User { System.Func<object> M(int n) => () => n > 0 ? Base.One : null!; }", "Base")]
    [InlineData("class User { async System.Threading.Tasks.Task M() { await System.Threading.Tasks.Task.Yield(); _ = Base.One; } }", "Base")]
    [InlineData("class User { class Nested { Base? _field; } }", "Base")]
    [InlineData("class User { void M(int n) { switch (n) { case 1: case 2: case 3: case 4: case 5: _ = Base.One; break; } } }", "Base")]
    [InlineData("class User { int M() => Box<int>.Inner.Count; }", "Box`1")]
    [InlineData("class User { void M() => new object().Do(Choice.Second); }", "Choice")]
    [InlineData("class User { unsafe delegate*<Base, void> _field; }", "Base")]
    public void Each_kind_of_use_is_found(string code, string used)
    {
        var types = Planted($"namespace Unstale.High {{ using Unstale.Low; {code} }}");

        Assert.Contains(new ProductType("Unstale", "Low", used), types.Uses.Single(static type => type.Key.Folder == "High").Value);
    }

    [Theory]
    [InlineData("Base", "High/User uses Low/Base")]
    [InlineData("Vocabulary", "High/User uses Vocabulary with Low behind it")]
    [InlineData("Word", "High/User uses Word with Low behind it")]
    public void A_use_outside_the_table_is_forbidden_also_through_types_of_the_root(string used, string forbidden)
    {
        var types = Planted($"namespace Unstale.High {{ using Unstale.Low; class User {{ {used}? _field; }} }}");
        FolderGraph Graph(params string[] ofHigh) => new(types, new Dictionary<string, string[]>(StringComparer.Ordinal) { ["High"] = ofHigh, [ProductType.Root] = ["Low"], ["Low"] = [] }, []);

        Assert.Equal([forbidden], Graph().Forbidden());
        Assert.Empty(Graph("Low").Forbidden());
        Assert.DoesNotContain("High → Low", Graph("Low").Unneeded());
        Assert.Contains("High → (root)", Graph("Low", ProductType.Root).Unneeded());
    }

    [Fact]
    public void A_type_of_the_root_is_forbidden_to_a_folder_from_which_its_own_uses_come_back()
    {
        var types = Planted("namespace Unstale.Low { class User { Face? _face; } } namespace Unstale.High { class Part { Low.User? _user; } } namespace Unstale { class Face { High.Part? _part; } }");
        var table = new Dictionary<string, string[]>(StringComparer.Ordinal) { [ProductType.Root] = ["High", "Low"], ["High"] = ["Low"], ["Low"] = [] };

        Assert.Equal(["Low/User uses Face with High behind it"], new FolderGraph(types, table, []).Forbidden());
        Assert.Empty(new FolderGraph(types, table, [("Low/User", "Face")]).Forbidden());
        table["Low"] = [ProductType.Root];
        Assert.Equal([ProductType.Root, "High", "Low"], new FolderGraph(types, table, []).Cyclic());
    }

    private static AssemblyTypes Planted(string code)
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(static path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
            .Select(static path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create(
            "Unstale",
            [CSharpSyntaxTree.ParseText(Vocabulary, cancellationToken: TestContext.Current.CancellationToken), CSharpSyntaxTree.ParseText(code, cancellationToken: TestContext.Current.CancellationToken)],
            references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, allowUnsafe: true));
        var image = new MemoryStream();
        var result = compilation.Emit(image, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        image.Position = 0;
        return AssemblyTypes.Read(image);
    }
}
