using System.Reflection;
using Microsoft.CodeAnalysis;

namespace Unstale.Analyzers;

/// <summary>All rules of this package, with their messages.</summary>
internal static class Descriptors
{
    private const string Category = "Unstale";

    /// <summary>Page about the rules, in the repository that the assembly was built from.</summary>
    private static readonly string Page = PageIn(typeof(Descriptors).Assembly);

    public static readonly DiagnosticDescriptor InvalidationBeforeCommit = new(
        "UNSTALE001",
        "Invalidation before the commit",
        "'{0}' invalidates before '{1}' has changed the data, so a read in between caches the old value again. Move the call behind '{1}', or collect it in a scope of IInvalidator.BeginScope.",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "A read between the invalidation and the commit loads the old value, and nothing invalidates this value again.",
        Page + "unstale001");

    public static readonly DiagnosticDescriptor UnreadTag = new(
        "UNSTALE002",
        "Invalidated tag that no read carries",
        "No read or set of this project carries the tag '{0}', so its invalidation removes no value: {1}",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "An invalidation reaches only entries that carry exactly the tag. A tag that differs by one letter leaves outdated values in the cache.",
        Page + "unstale002",
        WellKnownDiagnosticTags.CompilationEnd);

    public static readonly DiagnosticDescriptor SharedMutableValue = new(
        "UNSTALE003",
        "Shared value that can change",
        "All callers share one object of '{0}', which is marked [ImmutableObject(true)], but {1}. Make the type immutable, or remove the attribute.",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "The cache returns one object of a sealed type marked [ImmutableObject(true)] to all callers, without copies. A caller that changes the object changes the cached value.",
        Page + "unstale003");

    public static readonly DiagnosticDescriptor UnescapedPattern = new(
        "UNSTALE004",
        "Unescaped text in a pattern",
        "'{0}' is inserted into a pattern without an escape, so wildcards in the text match other keys. Write {1}.Escape({0}).",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "A '*' in an id invalidates the entries of all ids, and a '[' or '\\' invalidates none.",
        Page + "unstale004");

    public static readonly DiagnosticDescriptor MissingRegistration = new(
        "UNSTALE005",
        "HybridCache without AddUnstale",
        "{0}, but this program never calls AddUnstale. Call services.AddUnstale(){1}.",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "Without AddUnstale, the service HybridCache is missing, or is a cache that no invalidation of the log reaches.",
        Page + "unstale005",
        WellKnownDiagnosticTags.CompilationEnd);

    public static readonly DiagnosticDescriptor UncompletedScope = new(
        "UNSTALE006",
        "Scope that is never completed",
        "{0} is never completed, so all invalidations collected in the scope are dropped. Call CompleteAsync after the commit.",
        Category,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "A scope raises its invalidations in CompleteAsync. Disposal without completion drops them, as after a rollback.",
        Page + "unstale006");

    // The build records the address of the clone. An archive of the sources has none, and the link then names the file alone.
    private static string PageIn(Assembly assembly)
    {
        var repository = assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(static one => one.Key == "RepositoryUrl")?.Value;
        const string suffix = ".git";
        if (repository?.EndsWith(suffix, StringComparison.Ordinal) == true)
            repository = repository.Substring(0, repository.Length - suffix.Length);
        return $"{(string.IsNullOrEmpty(repository) ? "" : $"{repository}/blob/HEAD/")}docs/analyzers.md#";
    }
}
