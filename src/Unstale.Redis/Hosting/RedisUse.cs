using System.Globalization;

namespace Unstale.Redis.Hosting;

/// <summary>One call of <c>UseRedis</c>.</summary>
/// <param name="Cache">Name of the cache.</param>
/// <param name="Configure">Settings of the call.</param>
internal sealed record RedisUse(string Cache, Action<RedisOptions> Configure)
{
    private static readonly (string Setting, bool IsSecret, Func<RedisOptions, object?> Of)[] Settings =
    [
        (nameof(RedisOptions.Configuration), true, static o => o.Configuration),
        (nameof(RedisOptions.ConfigurationOptions), true, static o => o.ConfigurationOptions),
        (nameof(RedisOptions.ConnectionMultiplexerFactory), true, static o => o.ConnectionMultiplexerFactory),
        (nameof(RedisOptions.Database), false, static o => o.Database),
        (nameof(RedisOptions.KeyPrefix), false, static o => o.KeyPrefix),
        (nameof(RedisOptions.RequestTimeout), false, static o => o.RequestTimeout),
        (nameof(RedisOptions.SecondLevel), false, static o => o.SecondLevel),
        (nameof(RedisOptions.CompressionThreshold), false, static o => o.CompressionThreshold),
        (nameof(RedisOptions.Partitions), false, static o => o.Partitions),
        (nameof(RedisOptions.LogLength), false, static o => o.LogLength),
    ];

    /// <summary>Returns a message for each setting to which this call and another for the same cache give different values.</summary>
    public IEnumerable<string> ContradictionsTo(RedisUse other)
    {
        var (defaults, first, second) = (new RedisOptions(), new RedisOptions(), new RedisOptions());
        Configure(first);
        other.Configure(second);
        foreach (var (setting, isSecret, of) in Settings)
        {
            var (unset, one, two) = (of(defaults), of(first), of(second));
            if (!Equals(one, two) && !Equals(one, unset) && !Equals(two, unset))
                yield return isSecret ? Errors.UsedTwice(setting) : Errors.UsedTwice(setting, Text(one), Text(two));
        }
    }

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
