using Microsoft.CodeAnalysis;

namespace Unstale.Analyzers;

/// <summary>Types that the rules are about, resolved once for a compilation. A type of a library that is not referenced is null.</summary>
internal sealed class KnownTypes
{
    private readonly Compilation _compilation;

    private KnownTypes(Compilation compilation, INamedTypeSymbol invalidator)
    {
        _compilation = compilation;
        Invalidator = invalidator;
        HybridCache = Find("Microsoft.Extensions.Caching.Hybrid.HybridCache");
        QueryCache = Find("Unstale.Queries.QueryCache");
        QueryInvalidator = Find("Unstale.Queries.QueryInvalidator");
        InvalidationSet = Find("Unstale.Queries.InvalidationSet");
        LoadContext = Find("Unstale.LoadContext");
        InvalidationScope = Find("Unstale.InvalidationScope");
        InvalidatingTransaction = Find("Unstale.InvalidatingTransaction");
        TransactionScope = Find("System.Transactions.TransactionScope");
        CacheKey = Find("Unstale.CacheKey");
        GlobPattern = Find("Unstale.GlobPattern");
        RegexPattern = Find("Unstale.RegexPattern");
        Publisher = Find("Unstale.Redis.Channel.InvalidationPublisher");
        Message = Find("Unstale.Redis.Channel.InvalidationMessage");
        Registration = Find("Microsoft.Extensions.DependencyInjection.UnstaleServiceCollectionExtensions");
        ImmutableObject = Find("System.ComponentModel.ImmutableObjectAttribute");
        Context = Find("Microsoft.EntityFrameworkCore.DbContext");
        Transactions = FindAll("System.Data.IDbTransaction", "System.Data.Common.DbTransaction", "Microsoft.EntityFrameworkCore.Storage.IDbContextTransaction");
        Commands = FindAll("System.Data.IDbCommand", "System.Data.Common.DbCommand", "System.Data.Common.DbBatch");
    }

    public INamedTypeSymbol Invalidator { get; }

    public INamedTypeSymbol? HybridCache { get; }

    public INamedTypeSymbol? QueryCache { get; }

    public INamedTypeSymbol? QueryInvalidator { get; }

    public INamedTypeSymbol? InvalidationSet { get; }

    public INamedTypeSymbol? LoadContext { get; }

    public INamedTypeSymbol? InvalidationScope { get; }

    public INamedTypeSymbol? InvalidatingTransaction { get; }

    public INamedTypeSymbol? TransactionScope { get; }

    public INamedTypeSymbol? CacheKey { get; }

    public INamedTypeSymbol? GlobPattern { get; }

    public INamedTypeSymbol? RegexPattern { get; }

    /// <summary>Publisher of messages on a channel of Redis, from <c>Unstale.Redis</c>.</summary>
    public INamedTypeSymbol? Publisher { get; }

    /// <summary>Message on a channel of Redis, from <c>Unstale.Redis</c>.</summary>
    public INamedTypeSymbol? Message { get; }

    public INamedTypeSymbol? Registration { get; }

    public INamedTypeSymbol? ImmutableObject { get; }

    /// <summary>Base of all contexts of Entity Framework Core.</summary>
    public INamedTypeSymbol? Context { get; }

    public IReadOnlyList<INamedTypeSymbol> Transactions { get; }

    public IReadOnlyList<INamedTypeSymbol> Commands { get; }

    /// <summary>Resolves the types. Returns null if the compilation does not reference Unstale.</summary>
    public static KnownTypes? Find(Compilation compilation) =>
        compilation.GetTypeByMetadataName("Unstale.IInvalidator") is { } invalidator ? new(compilation, invalidator) : null;

    private INamedTypeSymbol? Find(string name) => _compilation.GetTypeByMetadataName(name);

    private INamedTypeSymbol[] FindAll(params string[] names) => [.. names.Select(Find).Where(static type => type is not null)!];
}
