namespace Unstale.Tests.Analyzers;

/// <summary>Members of libraries that the rules find by their names, in a source of the same names.</summary>
internal static class Libraries
{
    public const string EntityFramework = """
        namespace Microsoft.EntityFrameworkCore
        {
            public class DbContext
            {
                public Infrastructure.DatabaseFacade Database { get; } = new();
                public int SaveChanges() => 0;
                public virtual Task<int> SaveChangesAsync(CancellationToken token = default) => Task.FromResult(0);
            }

            public static class EntityFrameworkQueryableExtensions
            {
                public static Task<int> ExecuteDeleteAsync<T>(this IQueryable<T> source, CancellationToken token = default) => Task.FromResult(0);
            }
        }

        namespace Microsoft.EntityFrameworkCore.Infrastructure
        {
            public class DatabaseFacade
            {
                public Task<Storage.IDbContextTransaction> BeginTransactionAsync(CancellationToken token = default) => throw new NotSupportedException();
                public Task CommitTransactionAsync(CancellationToken token = default) => Task.CompletedTask;
            }
        }

        namespace Microsoft.EntityFrameworkCore.Storage
        {
            public interface IDbContextTransaction : IDisposable, IAsyncDisposable
            {
                void Commit();
                Task CommitAsync(CancellationToken token = default);
            }
        }

        public sealed class Shop : Microsoft.EntityFrameworkCore.DbContext
        {
            public IQueryable<string> Products => throw new NotSupportedException();
        }
        """;

    public const string Dapper = """
        namespace Dapper
        {
            public static class SqlMapper
            {
                public static Task<int> ExecuteAsync(this DbConnection connection, string sql, object? param = null) => Task.FromResult(0);
            }
        }
        """;
}
