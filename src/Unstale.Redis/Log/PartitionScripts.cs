using System.Runtime.CompilerServices;
using Unstale.Boundary;
using Unstale.Redis.Connection;
using Unstale.Redis.Scripts;
using Unstale.Redis.Telemetry;

namespace Unstale.Redis.Log;

/// <summary>
/// Calls the scripts of one partition. If a call fails because a key of the partition has another type or is unreadable, the keys are repaired
/// and the call is repeated once. Otherwise the call would fail for as long as the key exists.
/// </summary>
internal sealed class PartitionScripts(RedisKeys keys, string log, PartitionCount partitions, TimeSpan timeout, GuardedTime time, GuardedLogger logger)
{
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    private readonly string _hidden = RedisSession.Hidden + partitions.Text;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _reported = new(StringComparer.Ordinal);

    /// <summary>Returns the first argument of every script: whether the server hides its run id, and the number of partitions.</summary>
    /// <param name="link">Link of the call.</param>
    public string Run(RedisSession link) => link.Run == RedisSession.Hidden ? _hidden : partitions.Text;

    /// <summary>Creates a call with the control hash as the first key. The caller adds the script's other keys, then the arguments.</summary>
    /// <param name="script">Script to call.</param>
    /// <param name="count">Number of keys, including the control hash.</param>
    public RedisCall Command(RedisScript script, int count) => script.Command(count).Key(keys.Control);

    /// <summary>Creates a call of a script that may begin a history, with the keys common to all such scripts.</summary>
    /// <param name="script">Script to call.</param>
    /// <param name="more">Number of keys added by the caller.</param>
    public RedisCall HistoryCommand(RedisScript script, int more) =>
        Command(script, 7 + more).Key(keys.Tags0).Key(keys.Tags1).Key(keys.Log).Key(keys.Versions0).Key(keys.Versions1).Key(keys.Sweep);

    /// <summary>Adds the first arguments of a script that publishes: the run, the command and the channel.</summary>
    /// <param name="command">Call that already has all its keys.</param>
    /// <param name="link">Link of the call.</param>
    public RedisCall Publishing(RedisCall command, RedisSession link) =>
        command.Arg(Run(link)).Arg(link.IsSharded ? "SPUBLISH"u8 : "PUBLISH"u8)
            .Arg(link.ChannelPrefix.Length == 0 ? keys.Channel : link.ChannelPrefix + keys.Channel);

    /// <inheritdoc cref="CallAsync(RedisScript, RedisConnection, RedisCall, string, string?, string?, CancellationToken)"/>
    public ValueTask<RedisReply> CallAsync(RedisScript script, RedisConnection connection, RedisCall command, string run, CancellationToken cancellationToken = default) =>
        CallAsync(script, connection, command, run, cache: null, key: null, cancellationToken);

    /// <summary>Runs a script. If the script is missing on the server, it is loaded first and may therefore run after calls made later.</summary>
    /// <param name="script">Script to run.</param>
    /// <param name="connection">Connection of the call.</param>
    /// <param name="command">Call to send. The caller disposes the call.</param>
    /// <param name="run">Result of <see cref="Run"/>.</param>
    /// <param name="cache">Escaped name of the cache whose value or lease the script uses; null for none.</param>
    /// <param name="key">Key of the value or lease.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
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
            await RepairAsync(connection, run, cache, key, cancellationToken).ConfigureAwait(false);
        }

        return await RunAsync(connection, command, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends a call, and repeats the call with the source of the script if the script is missing on the server.</summary>
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

    /// <summary>Returns whether the script failed because of the contents of a key, and not because of the server's state.</summary>
    private static bool IsOfKeys(CallRefusedException refused) =>
        refused.Kind == CallErrorKind.WrongType
        || (refused.Kind == CallErrorKind.Other && refused.Message.Contains("user_script", StringComparison.Ordinal));

    /// <summary>Replaces unreadable keys of the partition. If several nodes encounter the same key, only the first call finds the key and reports it.</summary>
    /// <inheritdoc cref="CallAsync(RedisScript, RedisConnection, RedisCall, string, string?, string?, CancellationToken)"/>
    public async ValueTask RepairAsync(RedisConnection connection, string run, string? cache, string? key, CancellationToken cancellationToken)
    {
        using var command = HistoryCommand(RedisScripts.Repair, cache is null ? 0 : 2);
        if (cache is not null)
        {
            command.Key($"{keys.Values}{cache}:{key}").Key($"{keys.Leases}{cache}:{key}");
        }

        command.Arg(run).Generation(Generation.Create());
        var reply = await RunAsync(connection, command, cancellationToken).ConfigureAwait(false);
        if (reply is not { IsAggregate: true, Items: [{ Type: RedisReplyType.Integer } begun, .. var found] })
            throw Errors.MalformedReply("repair");

        Report(found, begun.Integer == 1, connection.Place, cache);
    }

    /// <summary>Reports keys written by another program and replaced by a script, as pairs of a key and its type.</summary>
    public void ReportReplaced(ReadOnlySpan<RedisReply> pairs, RedisConnection connection) => Report(pairs, isHistory: false, connection.Place, cache: null);

    private void Report(ReadOnlySpan<RedisReply> pairs, bool isHistory, string server, string? cache)
    {
        for (var i = 0; i + 1 < pairs.Length; i += 2)
            Report(pairs[i].Text(), pairs[i + 1].Text(), isHistory, server, cache);
    }

    /// <summary>Reports each key at most once a minute. Omits the keys of values, leases and claims, which may be private.</summary>
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
                return;

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
