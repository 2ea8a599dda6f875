using System.Runtime.CompilerServices;
using Unstale.Boundary;
using Unstale.Redis.Link;
using Unstale.Redis.Scripts;
using Unstale.Redis.Telemetry;

namespace Unstale.Redis.Log;

/// <summary>
/// Calls the scripts of one partition. A call that fails because a key of the partition has another type, or cannot be read, mends the
/// keys and is repeated once: without that, it would fail for as long as the key lives.
/// </summary>
internal sealed class PartitionScripts(RedisKeys keys, string log, PartitionCount partitions, TimeSpan timeout, GuardedTime time, GuardedLogger logger)
{
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    private readonly string _hidden = RedisLink.Hidden + partitions.Text;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _reported = new(StringComparer.Ordinal);

    /// <summary>The first argument of every script: whether the server hides its run, and the number of partitions.</summary>
    /// <param name="link">The link that the call goes over.</param>
    public string Run(RedisLink link) => link.Run == RedisLink.Hidden ? _hidden : partitions.Text;

    /// <summary>A call with the control hash as its first key, to be completed with the script's other keys and then with its arguments.</summary>
    /// <param name="script">The script.</param>
    /// <param name="count">Number of its keys, the control hash included.</param>
    public RedisCall Command(RedisScript script, int count) => script.Command(count).Key(keys.Control);

    /// <summary>A call of a script that may begin a history, with the keys that such a script has in common.</summary>
    /// <param name="script">The script.</param>
    /// <param name="more">Number of the keys that its caller adds.</param>
    public RedisCall HistoryCommand(RedisScript script, int more) =>
        Command(script, 7 + more).Key(keys.Tags0).Key(keys.Tags1).Key(keys.Log).Key(keys.Versions0).Key(keys.Versions1).Key(keys.Sweep);

    /// <summary>Adds the first arguments of a script that publishes: the run, the command and the channel.</summary>
    /// <param name="command">The call, with all its keys.</param>
    /// <param name="link">The link that it goes over.</param>
    public RedisCall Publishing(RedisCall command, RedisLink link) =>
        command.Arg(Run(link)).Arg(link.IsSharded ? "SPUBLISH"u8 : "PUBLISH"u8)
            .Arg(link.ChannelPrefix.Length == 0 ? keys.Channel : link.ChannelPrefix + keys.Channel);

    /// <inheritdoc cref="CallAsync(RedisScript, RedisConnection, RedisCall, string, string?, string?, CancellationToken)"/>
    public ValueTask<RedisReply> CallAsync(RedisScript script, RedisConnection connection, RedisCall command, string run, CancellationToken cancellationToken = default) =>
        CallAsync(script, connection, command, run, cache: null, key: null, cancellationToken);

    /// <summary>Runs the script. Loads it first if the server has forgotten it, so it may run after calls that were made later.</summary>
    /// <param name="script">The script.</param>
    /// <param name="connection">The connection.</param>
    /// <param name="command">The call; its maker disposes it.</param>
    /// <param name="run">As <see cref="Run"/>.</param>
    /// <param name="cache">The escaped name of the cache whose value or lease the script uses; null for none.</param>
    /// <param name="key">The key of that value.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RedisReply> CallAsync(
        RedisScript script, RedisConnection connection, RedisCall command, string run, string? cache, string? key, CancellationToken cancellationToken)
    {
        try
        {
            return await RunAsync(connection, command, cancellationToken).ConfigureAwait(false);
        }
        catch (CallRefusedException refused) when (IsOfKeys(refused))
        {
            await MendAsync(connection, run, cache, key, cancellationToken).ConfigureAwait(false);
        }

        return await RunAsync(connection, command, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The server gets the source of a script that it does not know, or has forgotten.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<RedisReply> RunAsync(RedisConnection connection, RedisCall command, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.CallAsync(command, timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (CallRefusedException unknown) when (unknown.Kind == CallErrorKind.NoScript)
        {
            return await connection.CallWithSourceAsync(command, timeout, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>True if the script failed over what it found in a key, and not over the server's state.</summary>
    private static bool IsOfKeys(CallRefusedException refused) =>
        refused.Kind == CallErrorKind.WrongType
        || (refused.Kind == CallErrorKind.Other && refused.Message.Contains("user_script", StringComparison.Ordinal));

    /// <summary>Replaces keys of the partition that cannot be read. Of several nodes that meet the same key, the first one finds it.</summary>
    /// <inheritdoc cref="CallAsync(RedisScript, RedisConnection, RedisCall, string, string?, string?, CancellationToken)"/>
    public async ValueTask MendAsync(RedisConnection connection, string run, string? cache, string? key, CancellationToken cancellationToken)
    {
        using var command = HistoryCommand(RedisScripts.Mend, cache is null ? 0 : 2);
        if (cache is not null)
        {
            command.Key($"{keys.Values}{cache}:{key}").Key($"{keys.Leases}{cache}:{key}");
        }

        command.Arg(run).Generation(Generation.Create());
        var reply = await RunAsync(connection, command, cancellationToken).ConfigureAwait(false);
        if (reply is not { IsAggregate: true, Items: [{ Type: RedisReplyType.Integer } begun, .. var found] })
        {
            throw Errors.MalformedAnswer("mend");
        }

        Report(found, begun.Integer == 1, connection.Place, cache);
    }

    /// <summary>Reports keys that something else had written and a script has replaced: pairs of a key and its type.</summary>
    public void ReportReplaced(ReadOnlySpan<RedisReply> pairs, RedisConnection connection) => Report(pairs, isHistory: false, connection.Place, cache: null);

    private void Report(ReadOnlySpan<RedisReply> pairs, bool isHistory, string server, string? cache)
    {
        for (var i = 0; i + 1 < pairs.Length; i += 2)
        {
            Report(pairs[i].Text(), pairs[i + 1].Text(), isHistory, server, cache);
        }
    }

    /// <summary>Reports each key once a minute at most, and values without their keys, which may be private.</summary>
    private void Report(string name, string found, bool isHistory, string server, string? cache)
    {
        if (name.StartsWith(keys.Values, StringComparison.Ordinal))
        {
            name = $"{keys.Values}{cache}:...";
        }
        else if (name.StartsWith(keys.Leases, StringComparison.Ordinal))
        {
            name = $"{keys.Leases}{cache}:...";
        }
        else if (name.StartsWith(keys.ClaimsText, StringComparison.Ordinal))
        {
            name = keys.ClaimsText + "...";
        }

        lock (_gate)
        {
            var now = time.GetTimestamp();
            if (_reported.TryGetValue($"{name} {found}", out var last) && time.GetElapsedTime(last, now) < Silence)
            {
                return;
            }

            _reported[$"{name} {found}"] = now;
        }

        if (isHistory)
        {
            logger.HistoryReplaced(server, log, name, found);
        }
        else
        {
            logger.ForeignKeyRemoved(server, log, name, found);
        }
    }
}
