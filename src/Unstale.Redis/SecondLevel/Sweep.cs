using System.Runtime.InteropServices;
using System.Text;
using Unstale.Boundary;
using Unstale.Redis.Connection;
using Unstale.Redis.Log;
using Unstale.Redis.Scripts;

namespace Unstale.Redis.SecondLevel;

/// <summary>
/// Single sweep: visits every value on the server once, page by page, and removes values matched by a listed selector. Pauses after each page for
/// as long as the page took, so that the server has at least half of its time for other work.
/// </summary>
internal sealed class Sweep(RedisInvalidationLog log, RedisSession link, Generation generation, string token, CancellationToken stop)
{
    // Concurrent gets of four callers, p99: 0.17 ms without a sweep, 0.6 ms with this size, 1.0 ms with 1,000, 0.4 ms with 250, which takes twice as long.
    private const int PageSize = 500;
    private const int MostRemoved = 50;

    /// <summary>Cursor of the first page, returned after the last page.</summary>
    private const string First = "0";

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(1);

    private readonly GuardedTime _time = log.Hub.TimeProvider;
    private readonly List<(byte[] Key, string Sequences)> _found = new(PageSize);
    private readonly int _valuesBytes = Encoding.UTF8.GetByteCount(log.Keys.Values);
    private char[] _name = new char[1024];
    private long _renewed;

    /// <summary>Time after which the lease is renewed even if nothing has to be removed. Default: 2 seconds.</summary>
    public TimeSpan RenewAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Number of values removed.</summary>
    public long Removed { get; private set; }

    /// <summary>Number of values visited.</summary>
    public long Visited { get; private set; }

    /// <summary>Runs the sweep. Returns false if there is nothing to sweep, another node is sweeping, or the log is in another generation.</summary>
    public async Task<bool> RunAsync()
    {
        if (await BeginAsync().ConfigureAwait(false) is not { } list)
            return false;

        var match = list.Scan(log.Keys.Values);
        var (holder, info) = await link.Data.FindAsync(log.Keys.Control, stop).ConfigureAwait(false);
        var cursor = First;
        do
        {
            var began = _time.GetTimestamp();
            (cursor, var keys) = await link.Data.ScanAsync(holder, cursor, match, PageSize, stop).ConfigureAwait(false);
            Match(list, keys);
            if (!await RemoveValuesAsync(list).ConfigureAwait(false))
                return false;

            var took = _time.GetElapsedTime(began);
            await Task.Delay(took > ShortestRest ? took : ShortestRest, _time, stop).ConfigureAwait(false);
        }
        while (cursor != First);

        // Valid only for the history of the server that was scanned.
        using var end = Arguments(log.Scripts.Command(RedisScripts.EndSweep, 4).Key(log.Keys.Tags0).Key(log.Keys.Tags1).Key(log.Keys.Sweep)).Arg(list.Newest).Arg(info.RunId ?? RedisSession.Hidden);
        return (await CallAsync(RedisScripts.EndSweep, end).ConfigureAwait(false)).Integer == 1;
    }

    private async Task<PendingSelectors?> BeginAsync()
    {
        using var command = Arguments(log.Scripts.Command(RedisScripts.BeginSweep, 2).Key(log.Keys.Sweep)).Arg((long)Lease.TotalMilliseconds);
        var reply = await CallAsync(RedisScripts.BeginSweep, command).ConfigureAwait(false);
        if (reply.IsNull)
            return null;

        _renewed = _time.GetTimestamp();
        return reply is { IsAggregate: true, Items: [{ Type: RedisReplyType.Bulk } newest, { Type: RedisReplyType.Bulk } selectors] } && LogEncoding.TryNumber(newest.Bytes, out var sequence)
            ? new PendingSelectors(sequence, selectors.Bytes)
            : throw Errors.MalformedReply("begin_sweep");
    }

    /// <summary>Selects the keys of a page that the server must check: keys matched by a pattern, or all keys if tags may decide.</summary>
    private void Match(PendingSelectors list, byte[][] keys)
    {
        _found.Clear();
        Visited += keys.Length;
        foreach (var key in keys)
        {
            var sequences = list.Match(Name(key));
            if (sequences.Length > 0 || list.AllOfs.Count > 0)
                _found.Add((key, sequences));
        }
    }

    /// <summary>Returns the key as used by callers: the text after the name of the cache, which contains no colon.</summary>
    private ReadOnlySpan<char> Name(ReadOnlySpan<byte> key)
    {
        var rest = key[Math.Min(_valuesBytes, key.Length)..];
        var name = rest[(rest.IndexOf((byte)':') + 1)..];
        if (_name.Length < name.Length)
            _name = new char[name.Length];

        return _name.AsSpan(0, Encoding.UTF8.GetChars(name, _name));
    }

    /// <summary>Removes the selected values. Returns false if the log is in another generation, which voids the sweep.</summary>
    private async Task<bool> RemoveValuesAsync(PendingSelectors list)
    {
        if (_found.Count == 0 && _time.GetElapsedTime(_renewed) < RenewAfter)
            return true;

        var at = 0;
        do
        {
            var count = Math.Min(MostRemoved, _found.Count - at);
            using var command = RemoveValuesCommand(list, at, count);
            var removed = (await CallAsync(RedisScripts.RemoveValues, command).ConfigureAwait(false)).Integer;
            if (removed < 0)
                return false;

            Removed += removed;
            at += count;
        }
        while (at < _found.Count);
        _renewed = _time.GetTimestamp();
        return true;
    }

    private RedisCall RemoveValuesCommand(PendingSelectors list, int at, int count)
    {
        var page = CollectionsMarshal.AsSpan(_found).Slice(at, count);
        var command = log.Scripts.Command(RedisScripts.RemoveValues, 2 + count).Key(log.Keys.Sweep);
        foreach (var (key, _) in page)
            command.Key(key);

        Arguments(command).Arg((long)Lease.TotalMilliseconds).Arg(list.AllOfs.Count);
        foreach (var (sequence, tags) in list.AllOfs)
        {
            command.Arg(sequence).Arg(tags.Count);
            foreach (var tag in tags)
                command.Arg(tag);
        }

        foreach (var (_, sequences) in page)
            command.Arg(sequences);

        return command;
    }

    private RedisCall Arguments(RedisCall command) => command.Arg(log.Scripts.Run(link)).Generation(generation).Arg(token);

    private ValueTask<RedisReply> CallAsync(RedisScript script, RedisCall command) =>
        log.Scripts.CallAsync(script, link.Data, command, log.Scripts.Run(link), stop);
}
