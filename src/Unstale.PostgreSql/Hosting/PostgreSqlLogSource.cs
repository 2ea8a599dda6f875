using System.Globalization;
using Unstale.Hosting;
using Unstale.Log;

namespace Unstale.PostgreSql.Hosting;

/// <summary>Source of the log of one cache.</summary>
internal sealed class PostgreSqlLogSource(string cache, PostgreSqlRegistry registry) : ILogSource
{
    public string Cache => cache;

    public string Place
    {
        get
        {
            var own = registry.Options(cache);
            return string.Create(
                CultureInfo.InvariantCulture,
                $"PostgreSQL at {registry.PlaceOf(cache)} (Schema '{own.Schema}', CreateSchema {own.CreateSchema}, LogLength {own.LogLength}, PollInterval {own.PollInterval}, RequestTimeout {own.RequestTimeout})");
        }
    }

    public IInvalidationLog Create(string log, int partition) => registry.Log(cache, log);
}
