using Microsoft.Extensions.Options;
using Unstale.Hosting;
using Unstale.PostgreSql.Connection;
using Unstale.PostgreSql.Schema;

namespace Unstale.PostgreSql.Hosting;

/// <summary>Rejects invalid options. Each message names the setting and its value.</summary>
internal sealed class ChangeCaptureOptionsValidator : IValidateOptions<ChangeCaptureOptions>
{
    public ValidateOptionsResult Validate(string? name, ChangeCaptureOptions options)
    {
        var problems = Problems(options).OfType<string>().Select(problem => $"Change capture of the cache '{name}': {problem}").ToList();
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string?> Problems(ChangeCaptureOptions o)
    {
        yield return string.IsNullOrEmpty(o.ConnectionString) ? Errors.CaptureConnection : ConnectionSettings.Problem(o.ConnectionString);
        yield return o.Tables.Count == 0 ? Errors.NoTables : null;
        yield return SchemaName.IsValid(o.Slot) ? null : Errors.CaptureName(nameof(o.Slot), o.Slot);
        yield return SchemaName.IsValid(o.Publication) ? null : Errors.CaptureName(nameof(o.Publication), o.Publication);
        yield return SettingRange.Problem(nameof(o.MaximumLag), o.MaximumLag, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        yield return SettingRange.Problem(nameof(o.Heartbeat), o.Heartbeat, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(10));
    }
}
