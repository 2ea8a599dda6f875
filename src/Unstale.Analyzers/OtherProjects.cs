using Microsoft.CodeAnalysis;

namespace Unstale.Analyzers;

/// <summary>Referenced assemblies that may contain the other half of a use: the reads of a tag, or the registration of a cache.</summary>
internal static class OtherProjects
{
    private static readonly string[] Platform = ["System", "Microsoft", "Unstale", "netstandard", "mscorlib"];

    /// <summary>Returns whether a referenced assembly, except those of the platform and of Unstale, references Unstale or the abstraction of HybridCache.</summary>
    public static bool UseCaches(Compilation compilation) =>
        compilation.SourceModule.ReferencedAssemblySymbols.Any(static assembly => !IsPlatform(assembly.Name)
            && assembly.Modules.Any(static module => module.ReferencedAssemblies.Any(static one => one.Name is "Unstale" or "Microsoft.Extensions.Caching.Abstractions")));

    public static bool IsProgram(Compilation compilation) =>
        compilation.Options.OutputKind is OutputKind.ConsoleApplication or OutputKind.WindowsApplication;

    private static bool IsPlatform(string name) =>
        Array.Exists(Platform, prefix => name == prefix || name.StartsWith(prefix + ".", StringComparison.Ordinal));
}
