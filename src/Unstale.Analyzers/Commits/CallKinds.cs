using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Unstale.Analyzers.Commits;

/// <summary>Decides the role of a call from the name of the method first, because few calls have one of these names.</summary>
internal static class CallKinds
{
    public static CallKind Of(IObjectCreationOperation creation, KnownTypes types) =>
        creation.Type.Is(types.InvalidatingTransaction) || creation.Type.Is(types.TransactionScope) ? CallKind.UnitOfWork : CallKind.None;

    public static CallKind Of(IInvocationOperation call, KnownTypes types)
    {
        var method = call.TargetMethod;
        var kind = OfName(method.Name);
        return kind switch
        {
            CallKind.Invalidation when Invalidates(method, types) => kind,
            CallKind.Completion when method.ContainingType.Is(types.InvalidationScope) => kind,
            CallKind.Write when Writes(call, types) => kind,
            CallKind.Begin when method.Name.Contains("BeginTransaction") || method.Name.Contains("BeginDbTransaction") => kind,
            CallKind.Commit when method.ContainingType.IsAny(types.Transactions) || IsFacade(method) => kind,
            _ => method.ReturnType.Is(types.InvalidationScope) || method.ReturnType.Is(types.InvalidatingTransaction) ? CallKind.UnitOfWork : CallKind.None,
        };
    }

    private static CallKind OfName(string name) => name switch
    {
        "InvalidateAsync" or "InvalidateKeyAsync" or "InvalidateTagAsync" or "InvalidatePatternAsync" or "InvalidateEverythingAsync"
            or "InvalidateWithDependentsAsync" or "InvalidateAllQueriesAsync" or "InvalidateLater" or "ChangedAsync"
            or "RemoveAsync" or "RemoveByTagAsync" => CallKind.Invalidation,
        "CompleteAsync" => CallKind.Completion,
        "SaveChanges" or "SaveChangesAsync" or "ExecuteNonQuery" or "ExecuteNonQueryAsync" or "Execute" or "ExecuteAsync"
            or "ExecuteUpdate" or "ExecuteUpdateAsync" or "ExecuteDelete" or "ExecuteDeleteAsync" or "ExecuteSql" or "ExecuteSqlAsync"
            or "ExecuteSqlRaw" or "ExecuteSqlRawAsync" or "ExecuteSqlInterpolated" or "ExecuteSqlInterpolatedAsync" => CallKind.Write,
        "BeginTransaction" or "BeginTransactionAsync" or "BeginDbTransaction" or "BeginDbTransactionAsync" => CallKind.Begin,
        "Commit" or "CommitAsync" or "CommitTransaction" or "CommitTransactionAsync" => CallKind.Commit,
        _ => CallKind.None,
    };

    // InvalidateUpToVersionAsync is no part of the rule: a version orders the invalidation and the write.
    private static bool Invalidates(IMethodSymbol method, KnownTypes types) =>
        method.Name is "RemoveAsync" or "RemoveByTagAsync"
            ? method.ContainingType.Is(types.HybridCache)
            : method.ContainingType.Is(types.Invalidator) || method.ContainingType.Is(types.HybridCache) || method.ContainingType.Is(types.QueryInvalidator);

    private static bool Writes(IInvocationOperation call, KnownTypes types)
    {
        var type = call.TargetMethod.ContainingType;
        return call.TargetMethod.Name switch
        {
            "SaveChanges" or "SaveChangesAsync" => type.Is(types.Context),
            "ExecuteNonQuery" or "ExecuteNonQueryAsync" => type.IsAny(types.Commands),
            "Execute" or "ExecuteAsync" => type.Name == "SqlMapper" && type.ContainingNamespace.Name == "Dapper",
            _ => type.ContainingNamespace.ToDisplayString() == "Microsoft.EntityFrameworkCore",
        };
    }

    private static bool IsFacade(IMethodSymbol method) =>
        method.ContainingType.Name is "DatabaseFacade" && method.ContainingNamespace.ToDisplayString() == "Microsoft.EntityFrameworkCore.Infrastructure";
}
