using Microsoft.Extensions.Options;
using Unstale.Hosting;
using Unstale.Redis.Connection;

namespace Unstale.Redis.Hosting;

/// <summary>Rejects invalid options. Each message names the setting and its value.</summary>
internal sealed class RedisOptionsValidator(IEnumerable<RedisUse> uses) : IValidateOptions<RedisOptions>
{
    private static readonly TimeSpan ShortestRequest = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestRequest = TimeSpan.FromMinutes(1);

    public ValidateOptionsResult Validate(string? name, RedisOptions options)
    {
        var problems = Connection(options).Concat(Settings(options)).Concat(Calls(name)).Select(p => $"Cache '{name}': {p}").ToList();
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private IEnumerable<string> Calls(string? cache)
    {
        var calls = uses.Where(use => use.Cache == cache).ToList();
        return calls.SelectMany((call, i) => calls.Take(i).SelectMany(earlier => earlier.ContradictionsTo(call))).Distinct(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Connection(RedisOptions o)
    {
        var named = Named(o).ToList();
        if (named.Count > 1)
            return [Errors.ServerTwice(named[0], named[1])];

        if (named.Count == 0)
        {
            return o.MissingFrom is { } expression ? [Errors.MissingConnectionString(expression)] : [];
        }

        try
        {
            if (!string.IsNullOrEmpty(o.Configuration))
                ConnectionString.Parse(o.Configuration);
        }
        catch (FormatException refused)
        {
            return [refused.Message];
        }

        return o.ConfigurationOptions is { EndPoints.Count: 0 } ? [Errors.NoEndPoint] : [];
    }

    private static IEnumerable<string> Named(RedisOptions o)
    {
        if (!string.IsNullOrEmpty(o.Configuration))
            yield return nameof(o.Configuration);

        if (o.ConfigurationOptions is not null)
            yield return nameof(o.ConfigurationOptions);

        if (o.ConnectionMultiplexerFactory is not null)
            yield return nameof(o.ConnectionMultiplexerFactory);
    }

    private static IEnumerable<string> Settings(RedisOptions o)
    {
        if (string.IsNullOrWhiteSpace(o.KeyPrefix))
            yield return Errors.EmptyKeyPrefix;

        if (o.Partitions is < 1 or > Unstale.Values.Errors.MostPartitions)
            yield return Errors.Partitions(o.Partitions);

        if (o.RequestTimeout is { } limit && SettingRange.Problem(nameof(o.RequestTimeout), limit, ShortestRequest, LongestRequest) is { } timeout)
            yield return timeout;

        if (SettingRange.Problem(nameof(o.CompressionThreshold), o.CompressionThreshold, 0, int.MaxValue) is { } threshold)
            yield return threshold;

        if (SettingRange.Problem(nameof(o.LogLength), o.LogLength, 100, 10_000_000) is { } length)
            yield return length;

        if (SettingRange.Problem(nameof(o.Database), o.Database ?? 0, 0, int.MaxValue) is { } database)
            yield return database;
    }
}
