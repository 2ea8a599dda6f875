namespace Unstale.EntityFrameworkCore.Forms;

/// <summary>Names of the database providers whose behaviour is known.</summary>
internal static class ProviderNames
{
    public const string Sqlite = "Microsoft.EntityFrameworkCore.Sqlite";
    public const string Npgsql = "Npgsql.EntityFrameworkCore.PostgreSQL";
}
