using System.Data.Common;

namespace Unstale.IntegrationTests.Shop;

/// <summary>Data source whose database can fail.</summary>
internal sealed class FaultySource(DbDataSource inner) : DbDataSource
{
    public const string Secret = "password=tulip";

    public bool IsDown { get; set; }

    public override string ConnectionString => inner.ConnectionString;

    protected override DbConnection CreateDbConnection() => inner.CreateConnection();

    protected override DbConnection OpenDbConnection() => IsDown ? throw new InvalidOperationException(Secret) : inner.OpenConnection();

    protected override ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken) => new(OpenDbConnection());

    protected override void Dispose(bool disposing)
    {
        inner.Dispose();
        base.Dispose(disposing);
    }
}
