using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Unstale.AspNetCore.Hosting;

/// <summary>Rejects invalid options. Each message contains the setting and its value.</summary>
internal sealed class HealthOptionsValidator(IServiceProvider services) : IValidateOptions<UnstaleHealthOptions>
{
    private const int MostReads = 1_000_000_000;

    private static readonly TimeSpan ShortestWindow = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestWindow = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, UnstaleHealthOptions options)
    {
        var problems = Problems(name ?? "", options).ToList();
        if (services.GetService<IServiceProviderIsKeyedService>() is { } registered && !registered.IsKeyedService(typeof(UnstaleCache), name))
            problems.Add(Errors.NoSuchCache(name ?? ""));
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Problems(string cache, UnstaleHealthOptions o)
    {
        if (o.MissRatioThreshold is { } ratio && ratio is not (>= 0 and <= 1))
            yield return Errors.MissRatio(cache, ratio);
        if (o.Window < ShortestWindow || o.Window > LongestWindow)
            yield return Errors.Window(cache, o.Window, ShortestWindow, LongestWindow);
        if (o.LeastReads is < 1 or > MostReads)
            yield return Errors.LeastReads(cache, o.LeastReads, 1, MostReads);
    }
}
