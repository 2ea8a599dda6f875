using System.Globalization;
using Unstale.Hosting;
using Unstale.Log;

namespace Unstale.Redis.Hosting;

/// <summary>Source of the log of one cache.</summary>
internal sealed class RedisLogSource(string cache, RedisRegistry registry) : ILogSource
{
    public string Cache => cache;

    public string Place
    {
        get
        {
            var own = registry.Options(cache);
            var settings = registry.Settings(cache);
            return string.Create(
                CultureInfo.InvariantCulture,
                $"Redis at {RedisConnectionSettings.Describe(settings)}, KeyPrefix '{own.KeyPrefix}', LogLength {own.LogLength}, Partitions {own.Partitions}, RequestTimeout {settings.RequestTimeout})");
        }
    }

    public int Partitions => registry.Options(cache).Partitions;

    public IInvalidationLog Create(string log, int partition) => registry.Logs(cache, log)[partition];
}
