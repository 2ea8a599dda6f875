using Microsoft.Extensions.Options;
using Unstale.Hosting;
using Unstale.PostgreSql.Schema;

namespace Unstale.PostgreSql.Hosting;

/// <summary>Rejects invalid options. Each message names the setting and its value.</summary>
internal sealed class OutboxOptionsValidator : IValidateOptions<OutboxOptions>
{
    public ValidateOptionsResult Validate(string? name, OutboxOptions options)
    {
        var problems = Problems(options).OfType<string>().Select(problem => $"Outbox of the cache '{name}': {problem}").ToList();
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string?> Problems(OutboxOptions o)
    {
        yield return SchemaName.IsValid(o.Schema) ? null : Errors.SchemaName(o.Schema);
        yield return SettingRange.Problem(nameof(o.PollInterval), o.PollInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        yield return SettingRange.Problem(nameof(o.BatchSize), o.BatchSize, 1, 10_000);
        yield return SettingRange.Problem(nameof(o.Retention), o.Retention, TimeSpan.FromSeconds(1), TimeSpan.FromDays(7));
    }
}
