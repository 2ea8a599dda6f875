using Npgsql;
using Shop.Data;

namespace Shop;

/// <summary>Settings of the shop and of its worker. All processes of a log need the same values.</summary>
/// <param name="Access">Data access. Default: Dapper.</param>
/// <param name="HasChangeCapture">Whether changes that other programs commit are read from the write-ahead log of PostgreSQL. Default: false.</param>
/// <param name="Database">Connection string of the database. Default: a SQLite file.</param>
/// <param name="Redis">Connection string of Redis; null or empty for one process.</param>
internal sealed record ShopSettings(DataAccess Access, bool HasChangeCapture, string Database, string? Redis)
{
    private const string AccessKey = "Shop:DataAccess";
    private const string CaptureKey = "Shop:ChangeCapture";
    private const string DefaultDatabase = "Data Source=shop.db";

    /// <exception cref="ArgumentException">A setting has a value that is not allowed; see <see cref="FindFault"/>.</exception>
    public static ShopSettings Read(IConfiguration configuration) => FindFault(configuration) is { } fault
        ? throw new ArgumentException(fault, nameof(configuration))
        : new(
            AccessOf(configuration) ?? DataAccess.Dapper,
            CaptureOf(configuration) ?? false,
            DatabaseOf(configuration),
            configuration.GetConnectionString("Redis"));

    /// <summary>Returns the fault of a setting in a sentence, or null if there is none.</summary>
    public static string? FindFault(IConfiguration configuration)
    {
        if (configuration[AccessKey] is { } access && AccessOf(configuration) is null)
            return $"The setting {AccessKey} is '{access}'. Allowed values: {string.Join(", ", Enum.GetNames<DataAccess>())}.";
        if (configuration[CaptureKey] is { } capture && CaptureOf(configuration) is null)
            return $"The setting {CaptureKey} is '{capture}'. Allowed values: true, false.";
        if (CaptureOf(configuration) is not true)
            return null;
        if (AccessOf(configuration) is not DataAccess.EntityFrameworkCore)
            return $"The setting {CaptureKey} is 'true', which needs {nameof(DataAccess.EntityFrameworkCore)} as value of the setting {AccessKey}.";
        return IsSqlite(DatabaseOf(configuration)) ? $"The setting {CaptureKey} is 'true', which needs PostgreSQL: name its host in the setting ConnectionStrings:Shop." : null;
    }

    private static DataAccess? AccessOf(IConfiguration configuration) =>
        Enum.GetValues<DataAccess>().Cast<DataAccess?>().FirstOrDefault(value => string.Equals($"{value}", configuration[AccessKey], StringComparison.OrdinalIgnoreCase));

    private static bool? CaptureOf(IConfiguration configuration) => bool.TryParse(configuration[CaptureKey], out var value) ? value : null;

    private static string DatabaseOf(IConfiguration configuration) => configuration.GetConnectionString("Shop") ?? DefaultDatabase;

    /// <summary>Returns whether a connection string names no server. One that cannot be read is refused when the database is opened.</summary>
    private static bool IsSqlite(string database)
    {
        try
        {
            return ConnectionSettings.Read(database) is not NpgsqlConnectionStringBuilder;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
