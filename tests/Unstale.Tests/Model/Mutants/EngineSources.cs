using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Unstale.Tests.Support;

namespace Unstale.Tests.Model.Mutants;

/// <summary>The whole engine, compiled with a mistake, for the tests as built.</summary>
internal static class EngineSources
{
    private const string Engine = "src/Unstale";

    /// <summary>Code that the build generates for the engine.</summary>
    private static readonly string Built = $"""
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        [assembly: System.Reflection.AssemblyVersion("{typeof(UnstaleCache).Assembly.GetName().Version}")]
        [assembly: System.Runtime.CompilerServices.InternalsVisibleTo("Unstale.Tests")]
        """;

    private static readonly CSharpParseOptions Language = new(LanguageVersion.Preview);
    private static readonly Dictionary<string, SyntaxTree> Trees = ReadAll();

    /// <summary>The engine without a mistake, for mutants that are compiled one by one.</summary>
    private static readonly Lazy<Compilation> Unpatched = new(() => WithGenerated(Compilation(Trees.Values)));

    private static readonly Lazy<MistakeSwitch> Mistakes = new(static () => new MistakeSwitch(Trees, EngineMutants.All.Select(static mutant => mutant.Patches), Parse));
    private static readonly Lazy<byte[]> WithMistakes = new(static () => Image(WithGenerated(Compilation(Mistakes.Value.Trees))));

    /// <summary>One compilation at a time: each uses every processor.</summary>
    private static readonly SemaphoreSlim Compiler = new(1);

    /// <summary>Runs a mutant's test over the engine with the mutant's patches.</summary>
    /// <returns>The failure of the test; null if it passed.</returns>
    public static async Task<Exception?> RunAsync(EngineMutant mutant)
    {
        if (Mistakes.Value.NumberOf(mutant.Patches) is { } number)
            return await RunAsync(mutant, WithMistakes.Value, number);
        byte[] engine;
        await Compiler.WaitAsync();
        try
        {
            engine = Compile(mutant);
        }
        finally
        {
            Compiler.Release();
        }

        return await RunAsync(mutant, engine, number: null);
    }

    /// <summary>Runs a mutant's test over the engine without the mutant's patches.</summary>
    /// <returns>The failure of the test; null if it passed.</returns>
    public static Task<Exception?> RunWithoutMistakeAsync(EngineMutant mutant) => RunAsync(mutant, WithMistakes.Value, number: 0);

    /// <param name="mutant">Mutant.</param>
    /// <param name="engine">Image of the engine.</param>
    /// <param name="number">Number of the mistake in the image; null for an image that has one mistake alone.</param>
    private static async Task<Exception?> RunAsync(EngineMutant mutant, byte[] engine, int? number)
    {
        var context = new EngineContext(engine);
        if (number is { } selected)
            MistakeSwitch.Select(context.LoadFromAssemblyName(new AssemblyName("Unstale")), selected);
        var type = context.LoadFromAssemblyPath(mutant.TestClass.Assembly.Location).GetType(mutant.TestClass.FullName!)!;
        var test = Activator.CreateInstance(type)!;
        try
        {
            await ((Task?)type.GetMethod(mutant.TestMethod)!.Invoke(test, BindingFlags.DoNotWrapExceptions, null, mutant.Arguments, null) ?? Task.CompletedTask);
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
        finally
        {
            if (test is IAsyncDisposable disposable)
                await disposable.DisposeAsync();
            (test as IDisposable)?.Dispose();
        }
    }

    private static byte[] Compile(EngineMutant mutant)
    {
        var compilation = Unpatched.Value;
        foreach (var patches in mutant.Patches.GroupBy(patch => patch.File, StringComparer.Ordinal))
        {
            var tree = Trees[patches.Key];
            compilation = compilation.ReplaceSyntaxTree(tree, Parse(patches.Aggregate(tree.ToString(), (source, patch) => patch.Apply(source)), patches.Key));
        }

        return Image(compilation);
    }

    private static byte[] Image(Compilation compilation)
    {
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        return result.Success
            ? image.ToArray()
            : throw new InvalidOperationException(string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Take(10)));
    }

    private static CSharpCompilation Compilation(IEnumerable<SyntaxTree> trees) => CSharpCompilation.Create("Unstale", trees, References(), new CSharpCompilationOptions(
        OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Annotations));

    private static Dictionary<string, SyntaxTree> ReadAll()
    {
        var trees = Directory.EnumerateFiles(Path.Combine(Repository.Root, Engine), "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
            .Where(file => !file.StartsWith(Engine + "/obj/", StringComparison.Ordinal) && !file.StartsWith(Engine + "/bin/", StringComparison.Ordinal))
            .ToDictionary(file => file, file => Parse(File.ReadAllText(Path.Combine(Repository.Root, file)), file), StringComparer.Ordinal);
        trees.Add(nameof(Built), Parse(Built, nameof(Built)));
        return trees;
    }

    /// <summary>Runs the generator of the log messages once. No patch changes a log message.</summary>
    private static Compilation WithGenerated(CSharpCompilation compilation)
    {
        var path = typeof(EngineSources).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "LoggingGenerators").Value!;
        var generators = Assembly.LoadFrom(path).GetTypes().Where(type => !type.IsAbstract && typeof(IIncrementalGenerator).IsAssignableFrom(type))
            .Select(type => ((IIncrementalGenerator)Activator.CreateInstance(type)!).AsSourceGenerator());
        CSharpGeneratorDriver.Create(generators, parseOptions: Language).RunGeneratorsAndUpdateCompilation(compilation, out var generated, out _);
        return generated;
    }

    private static IEnumerable<MetadataReference> References() =>
        from path in ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
        let name = Path.GetFileName(path)
        where name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal)
        select MetadataReference.CreateFromFile(path);

    private static SyntaxTree Parse(string text, string file) => CSharpSyntaxTree.ParseText(text, Language, file);

    /// <summary>
    /// Loads the engine with the mistake for the tests. All other assemblies are shared with the default context. It is not unloaded: the runtime ended now
    /// and then with a segmentation fault.
    /// </summary>
    private sealed class EngineContext(byte[] engine) : AssemblyLoadContext("mutant", isCollectible: false)
    {
        private Assembly? _engine;

        protected override Assembly? Load(AssemblyName assemblyName) =>
            assemblyName.Name == "Unstale" ? _engine ??= LoadFromStream(new MemoryStream(engine)) : null;
    }
}
