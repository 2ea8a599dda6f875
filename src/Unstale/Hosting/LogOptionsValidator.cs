using Microsoft.Extensions.Options;
using Unstale.Values;

namespace Unstale.Hosting;

/// <summary>Rejects invalid options of a log. Each message names the log, the setting and its value.</summary>
internal sealed class LogOptionsValidator : IValidateOptions<InvalidationLogOptions>
{
    private static readonly TimeSpan LeastBound = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, InvalidationLogOptions options)
    {
        var problems = Problems(options).OfType<string>().Select(problem => $"Log '{name}': {problem}").ToList();
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string?> Problems(InvalidationLogOptions o)
    {
        yield return SettingRange.Problem(nameof(o.StalenessBound), o.StalenessBound, LeastBound, Day);
        yield return Enum.IsDefined(o.WhenUnavailable) ? null : Errors.UnknownChoice(nameof(o.WhenUnavailable), o.WhenUnavailable);
        yield return SettingRange.Problem(nameof(o.QueueCapacity), o.QueueCapacity, 1, 10_000_000);
        yield return SettingRange.Problem(nameof(o.AppendTimeout), o.AppendTimeout, TimeSpan.FromMilliseconds(1), Hour);
        yield return SettingRange.Problem(nameof(o.ShutdownTimeout), o.ShutdownTimeout, TimeSpan.Zero, Hour);
        yield return SettingRange.Problem(nameof(o.FailoverGracePeriod), o.FailoverGracePeriod, TimeSpan.Zero, Day);
        yield return SettingRange.Problem(nameof(o.RecentRecords), o.RecentRecords, 0, 100_000);
    }
}
