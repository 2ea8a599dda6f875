using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Redis.Connection;
using Unstale.Redis.Telemetry;

namespace Unstale.Redis.Hosting;

/// <summary>Inspects the settings of a server on the first link, and logs their consequences in one line.</summary>
internal sealed class ServerConfigurationCheck(GuardedLogger logger)
{
    private static readonly string[] Settings = ["maxmemory", "maxmemory-policy", "appendonly", "save", "min-replicas-to-write"];

    /// <summary>Runs of servers already inspected. Logs may be on several servers, whose links open and close in any order.</summary>
    private readonly ConcurrentDictionary<string, bool> _met = new(StringComparer.Ordinal);

    /// <summary>Called for each link of a log, by several threads. Each run of a server is inspected once.</summary>
    public void Connected(RedisSession link)
    {
        if (_met.TryAdd(Run(link), true))
            _ = SurveyAsync(link);
    }

    private static string Run(RedisSession link) => link.Control.Server.RunId ?? RedisSession.Hidden;

    private async Task SurveyAsync(RedisSession link)
    {
        try
        {
            var found = new Dictionary<string, string?>(StringComparer.Ordinal);
            foreach (var setting in Settings)
                found[setting] = await SettingAsync(link.Data, setting).ConfigureAwait(false);

            var meaning = ServerAdvice.For(ServerConfiguration.Parse(found.GetValueOrDefault, await ReplicationAsync(link.Data).ConfigureAwait(false)));
            logger.ServerChecked(meaning.IsWarning ? LogLevel.Warning : LogLevel.Information, link.Data.Place, meaning.Text);
        }
        catch (CallException)
        {
            // The link was closed meanwhile. The next link is inspected.
            _met.TryRemove(Run(link), out _);
        }
    }

    private static async Task<string?> SettingAsync(RedisConnection connection, string name)
    {
        try
        {
            using var command = RedisCall.Create("CONFIG").Arg("GET").Arg(name);
            var reply = await connection.CallAsync(command).ConfigureAwait(false);
            return reply.Items is [_, var value] ? value.Text() : null;
        }
        catch (CallRefusedException)
        {
            return null;
        }
    }

    private static async Task<string?> ReplicationAsync(RedisConnection connection)
    {
        try
        {
            using var command = RedisCall.Create("INFO").Arg("replication");
            return (await connection.CallAsync(command).ConfigureAwait(false)).Text();
        }
        catch (CallRefusedException)
        {
            return null;
        }
    }
}
