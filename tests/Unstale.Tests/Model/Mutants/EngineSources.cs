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

    private static readonly Dictionary<string, SyntaxTree> Trees = ReadAll();

    private static readonly Lazy<MistakeSwitch> Mistakes = new(static () => new MistakeSwitch(Trees, EngineMutants.All.Select(static mutant => mutant.Patches)));
    private static readonly Lazy<byte[]> WithMistakes = new(static () => Compile(Mistakes.Value.Trees));

    /// <summary>Runs a mutant's test over the engine with the mutant's patches.</summary>
    /// <returns>The failure of the test; null if it passed.</returns>
    public static Task<Exception?> RunAsync(EngineMutant mutant) => Mistakes.Value.NumberOf(mutant.Patches) is { } number
        ? RunAsync(mutant, WithMistakes.Value, number)
        : RunAsync(mutant, Compile(MutantCompiler.WithPatches(Trees, mutant.Patches)), number: null);

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

    private static byte[] Compile(IEnumerable<SyntaxTree> trees) => MutantCompiler.Emit(WithGenerated(MutantCompiler.Create("Unstale", trees)));

    private static Dictionary<string, SyntaxTree> ReadAll()
    {
        var trees = Directory.EnumerateFiles(Path.Combine(Repository.Root, Engine), "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
            .Where(file => !file.StartsWith(Engine + "/obj/", StringComparison.Ordinal) && !file.StartsWith(Engine + "/bin/", StringComparison.Ordinal))
            .ToDictionary(file => file, file => MutantCompiler.Parse(File.ReadAllText(Path.Combine(Repository.Root, file)), file), StringComparer.Ordinal);
        trees.Add(nameof(Built), MutantCompiler.Parse(Built, nameof(Built)));
        return trees;
    }

    /// <summary>Adds what the generator of the log messages generates.</summary>
    private static Compilation WithGenerated(CSharpCompilation compilation)
    {
        var path = typeof(EngineSources).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "LoggingGenerators").Value!;
        var generators = Assembly.LoadFrom(path).GetTypes().Where(type => !type.IsAbstract && typeof(IIncrementalGenerator).IsAssignableFrom(type))
            .Select(type => ((IIncrementalGenerator)Activator.CreateInstance(type)!).AsSourceGenerator());
        CSharpGeneratorDriver.Create(generators, parseOptions: MutantCompiler.Language).RunGeneratorsAndUpdateCompilation(compilation, out var generated, out _);
        return generated;
    }

    /// <summary>
    /// Loads the engine with the mistake for the tests. All other assemblies are shared with the default context. It is not collectible: the unloading of many
    /// contexts is the likely cause of a segmentation fault of the runtime.
    /// </summary>
    private sealed class EngineContext(byte[] engine) : AssemblyLoadContext("mutant", isCollectible: false)
    {
        private Assembly? _engine;

        protected override Assembly? Load(AssemblyName assemblyName) =>
            assemblyName.Name == "Unstale" ? _engine ??= LoadFromStream(new MemoryStream(engine)) : null;
    }
}
