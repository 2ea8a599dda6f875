using System.Globalization;
using Unstale.Hosting;
using Unstale.Log;

namespace Unstale.Redis.Hosting;

/// <summary>Brings the log of one cache.</summary>
internal sealed class RedisLogSource(string cache, RedisRegistry registry) : ILogSource
{
    public string Cache => cache;

    public string Place
    {
        get
        {
            var own = registry.Options(cache);
            var connection = registry.Connection(cache);
            var user = own.Credentials is null ? $"user '{connection.Credentials?.EffectiveUser ?? "default"}'" : "credentials from a callback";
            return string.Create(
                CultureInfo.InvariantCulture,
                $"Redis at {connection} ({(connection.Tls is null ? "no TLS" : "TLS")}, {user}, ClientName '{connection.ClientName}', KeyPrefix '{own.KeyPrefix}', "
                + $"LogLength {own.LogLength}, RequestTimeout {connection.CommandTimeout}, BehindProxy {own.BehindProxy})");
        }
    }

    public IInvalidationLog Create(string log) => registry.Log(cache, log);
}
