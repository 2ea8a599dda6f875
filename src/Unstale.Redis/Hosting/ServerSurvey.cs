using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Redis.Link;
using Unstale.Redis.Telemetry;

namespace Unstale.Redis.Hosting;

/// <summary>Looks at the settings of a server when it is first met, and says in one line what they mean.</summary>
internal sealed class ServerSurvey(GuardedLogger logger)
{
    private static readonly string[] Settings = ["maxmemory", "maxmemory-policy", "appendonly", "save", "min-replicas-to-write"];

    /// <summary>Runs of servers that were looked at. Logs may lie on several servers, whose links come and go in any order.</summary>
    private readonly ConcurrentDictionary<string, bool> _met = new(StringComparer.Ordinal);

    /// <summary>Called for each link of a log, by several threads; the same run of a server is looked at once.</summary>
    public void Greet(RedisLink link)
    {
        if (_met.TryAdd(Run(link), true))
        {
            _ = SurveyAsync(link);
        }
    }

    private static string Run(RedisLink link) => link.Control.Server.RunId ?? RedisLink.Hidden;

    private async Task SurveyAsync(RedisLink link)
    {
        try
        {
            var found = new Dictionary<string, string?>(StringComparer.Ordinal);
            foreach (var setting in Settings)
            {
                found[setting] = await SettingAsync(link.Data, setting).ConfigureAwait(false);
            }

            var meaning = ServerMeaning.Of(ServerFacts.Read(found.GetValueOrDefault, await ReplicationAsync(link.Data).ConfigureAwait(false)));
            logger.ServerSurveyed(meaning.IsWarning ? LogLevel.Warning : LogLevel.Information, link.Data.Place, meaning.Text);
        }
        catch (CallException)
        {
            // The link ended meanwhile; the next one is looked at.
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
