using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Unstale.Hosting;
using Unstale.PostgreSql.Connection;
using Unstale.PostgreSql.Schema;
using Unstale.Remote;

namespace Unstale.PostgreSql.Hosting;

/// <summary>Rejects invalid options. Each message names the setting and its value.</summary>
internal sealed class PostgreSqlLogOptionsValidator(IServiceProvider services) : IValidateOptions<PostgreSqlLogOptions>
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    public ValidateOptionsResult Validate(string? name, PostgreSqlLogOptions options)
    {
        var problems = Problems(options).Append(SecondLevel(name)).OfType<string>().Select(problem => $"Cache '{name}': {problem}").ToList();
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string?> Problems(PostgreSqlLogOptions o)
    {
        yield return Database(o);
        yield return SchemaName.IsValid(o.Schema) ? null : Errors.SchemaName(o.Schema);
        yield return SettingRange.Problem(nameof(o.LogLength), o.LogLength, 100, 10_000_000);
        yield return SettingRange.Problem(nameof(o.PollInterval), o.PollInterval, Shortest, Longest);
        yield return SettingRange.Problem(nameof(o.RequestTimeout), o.RequestTimeout, Shortest, Longest);
    }

    /// <summary>Returns the problem of a cache whose second level belongs to a log in another place.</summary>
    private string? SecondLevel(string? cache) =>
        services.GetService<IServiceProviderIsKeyedService>()?.IsKeyedService(typeof(IRemoteStore), cache) == true ? Errors.SecondLevel : null;

    private static string? Database(PostgreSqlLogOptions o)
    {
        if (string.IsNullOrEmpty(o.ConnectionString))
            return o is { DataSource: null, MissingFrom: { } expression } ? Errors.MissingConnectionString(expression) : null;
        return o.DataSource is null ? ConnectionSettings.Problem(o.ConnectionString) : Errors.DatabaseTwice;
    }
}
