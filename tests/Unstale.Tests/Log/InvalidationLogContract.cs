using Unstale.Log;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Log;

/// <summary>Contract of every invalidation log. Derived classes create an empty log.</summary>
public abstract class InvalidationLogContract : IAsyncLifetime
{
    private static readonly RecordOrigin Origin = new("node", "contract");
    private readonly RecordingObserver _observer = new();
    private readonly RecordingObserver _otherObserver = new();
    private IInvalidationLog _log = null!;
    private ILogSession _session = null!;
    private ILogSession _other = null!;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Creates an empty log with no other users.</summary>
    private protected abstract ValueTask<IInvalidationLog> CreateAsync();

    public async ValueTask InitializeAsync()
    {
        _log = await CreateAsync();
        _session = _log.Open(_observer);
        _other = _log.Open(_otherObserver);
        await Eventually.Holds("both sessions are connected", () => _observer.Connections == 1 && _otherObserver.Connections == 1);
    }

    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        await _other.DisposeAsync();
        await _log.DisposeAsync();
        await DisposeServerAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the resources of the log.</summary>
    protected virtual ValueTask DisposeServerAsync() => default;

    [Fact]
    public async Task Sequences_are_dense_in_the_order_of_appending_and_each_record_names_the_one_before()
    {
        var place = await FirstTailAsync();
        var previous = place.IdAtCursor;
        for (var i = 1; i <= 20; i++)
        {
            var record = Record($"k{i}");
            var reply = await (i % 2 == 0 ? _session : _other).AppendAsync(0, record, Stop);
            Assert.Equal(new AppendReply(place.Generation, place.Cursor + i, previous), reply);
            previous = record.Id;
        }
    }

    [Fact]
    public async Task A_batch_has_consecutive_sequences_in_its_order_and_is_pushed_record_by_record()
    {
        var place = await FirstTailAsync();
        InvalidationRecord[] records = [.. Enumerable.Range(0, 128).Select(i => Record($"k{i}"))];
        Assert.Equal(new AppendReply(place.Generation, place.Cursor + 1, place.IdAtCursor), await _session.AppendAsync(0, records, Stop));
        await Eventually.Holds("the other session receives all", () => _otherObserver.Pushes.Count >= records.Length);
        Assert.Equal(records.Select(r => r.Id), _otherObserver.Pushes.Select(p => p.Record.Record.Id));
        Assert.Equal(Enumerable.Range(1, records.Length).Select(i => place.Cursor + i), _otherObserver.Sequences);
        Assert.Equal([place.IdAtCursor, .. records[..^1].Select(r => r.Id)], _otherObserver.Pushes.Select(p => p.Record.PreviousId));
        var tail = await _other.TailAsync(place, Stop);
        Assert.Equal((place.Cursor + records.Length, records[^1].Id), (tail.Sequence, tail.LastId));
        Assert.Equal(records.Select(r => r.Id), tail.Records.Select(r => r.Record.Id));
    }

    [Fact]
    public async Task The_memory_of_a_batch_may_be_reused_after_the_reply()
    {
        var place = await FirstTailAsync();
        InvalidationRecord[] memory = [Record("first"), Record("second")];
        await _session.AppendAsync(0, memory, Stop);
        Array.Clear(memory);
        await Eventually.Holds("the other session receives both", () => _otherObserver.Pushes.Count == 2);
        var tail = await _other.TailAsync(place, Stop);
        Assert.Equal(["first", "second"], tail.Records.Select(r => r.Record.Targets[0].Text));
    }

    [Fact]
    public async Task Concurrent_batches_are_not_mixed()
    {
        await FirstTailAsync();
        InvalidationRecord[][] batches = [.. Enumerable.Range(0, 20).Select(b => Enumerable.Range(0, 10).Select(i => Record($"{b}:{i}")).ToArray())];
        var replies = await Task.WhenAll(batches.Select((batch, i) => Task.Run(() => (i % 2 == 0 ? _session : _other).AppendAsync(0, batch, Stop).AsTask(), Stop)));
        Assert.All(replies.Order(Comparer<AppendReply>.Create((a, b) => a.Sequence.CompareTo(b.Sequence))).Select((reply, i) => (reply, i)),
            one => Assert.Equal((10 * one.i) + 1, one.reply.Sequence));
    }

    [Fact]
    public void A_session_permits_batches_of_several_records() => Assert.InRange(_session.MaximumBatchBytes, 1024, int.MaxValue);

    [Fact]
    public async Task Concurrent_appends_get_every_sequence_once()
    {
        var place = await FirstTailAsync();
        var replies = await Task.WhenAll(Enumerable.Range(0, 200).Select(
            i => Task.Run(() => (i % 2 == 0 ? _session : _other).AppendAsync(0, Record($"k{i}"), Stop).AsTask(), Stop)));
        Assert.Equal(Enumerable.Range(1, 200).Select(i => place.Cursor + i), replies.Select(r => r.Sequence).Order());
    }

    [Fact]
    public async Task Other_sessions_receive_every_record_once_in_order_and_one_at_a_time()
    {
        var place = await FirstTailAsync();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(() => _session.AppendAsync(0, Record($"k{i}"), Stop).AsTask(), Stop)));
        await Eventually.Holds("the other session is told 100 records", () => _otherObserver.Pushes.Count >= 100);
        Assert.Equal(Enumerable.Range(1, 100).Select(i => place.Cursor + i), _otherObserver.Sequences);
        Assert.False(_otherObserver.Overlapped);
        Assert.All(_otherObserver.Pushes, p => Assert.Equal(place.Generation, p.Generation));
        var previous = place.IdAtCursor;
        foreach (var (_, logged) in _otherObserver.Pushes)
        {
            Assert.Equal(previous, logged.PreviousId);
            previous = logged.Record.Id;
        }
    }

    [Fact]
    public async Task A_record_arrives_as_it_was_appended()
    {
        var place = await FirstTailAsync();
        InvalidationTarget[] targets =
        [
            InvalidationTarget.ForKey("a"), InvalidationTarget.ForTag("t"), InvalidationTarget.ForPattern(new GlobPattern("user:*")),
            InvalidationTarget.ForPattern(new RegexPattern("order:[0-9]+")), InvalidationTarget.ForAllOf(["x", "y"]), InvalidationTarget.Everything,
        ];
        var record = new InvalidationRecord(77, targets, Origin, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), "a reason", "00-trace")
        {
            Flags = RecordFlags.Lazy | RecordFlags.ServeStaleOnce,
            Via = "1||\n5|prices|product -> pricing",
        };
        await _session.AppendAsync(0, record, Stop);
        await Eventually.Holds("the record is pushed", () => !_otherObserver.Pushes.IsEmpty);
        var tail = await _other.TailAsync(place, Stop);
        foreach (var received in new[] { _otherObserver.Pushes.Single().Record.Record, tail.Records.Single().Record })
        {
            Assert.Equal(targets, received.Targets.ToArray());
            Assert.Equal((record.Id, record.Origin, record.Time, record.Reason, record.Trace), (received.Id, received.Origin, received.Time, received.Reason, received.Trace));
            Assert.Equal((record.Flags, record.Via), (received.Flags, received.Via));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task A_tail_returns_the_records_above_the_cursor_in_order(int read)
    {
        var place = await FirstTailAsync();
        var records = Enumerable.Range(1, 5).Select(i => Record($"k{i}")).ToArray();
        foreach (var record in records)
            await _session.AppendAsync(0, record, Stop);
        var at = place with { Cursor = place.Cursor + read, IdAtCursor = read == 0 ? place.IdAtCursor : records[read - 1].Id };
        var reply = await _other.TailAsync(at, Stop);
        Assert.Equal(TailState.Records, reply.State);
        Assert.Equal((place.Generation, place.Cursor + 5, records[4].Id), (reply.Generation, reply.Sequence, reply.LastId));
        Assert.Equal(records[read..].Select(r => r.Id), reply.Records.Select(r => r.Record.Id));
        Assert.Equal(Enumerable.Range(read + 1, 5 - read).Select(i => place.Cursor + i), reply.Records.Select(r => r.Sequence));
    }

    [Fact]
    public async Task A_tail_of_another_generation_returns_the_position_of_the_log_and_no_records()
    {
        var place = await FirstTailAsync();
        var record = Record("k");
        await _session.AppendAsync(0, record, Stop);
        var reply = await _other.TailAsync(new TailRequest(0, Generation.Create(), 99, 5, 0, 0), Stop);
        Assert.Equal(TailState.OtherGeneration, reply.State);
        Assert.Equal((place.Generation, place.Cursor + 1, record.Id), (reply.Generation, reply.Sequence, reply.LastId));
        Assert.Empty(reply.Records);
    }

    [Fact]
    public async Task A_record_appended_twice_has_two_sequences()
    {
        await FirstTailAsync();
        var record = Record("k");
        var first = await _session.AppendAsync(0, record, Stop);
        var second = await _session.AppendAsync(0, record, Stop);
        Assert.Equal((first.Sequence + 1, record.Id), (second.Sequence, second.PreviousId));
    }

    [Fact]
    public async Task CreateGenerationAsync_changes_nothing_while_the_history_is_intact()
    {
        var place = await FirstTailAsync();
        await _session.CreateGenerationAsync(0, Generation.None, Stop);
        Assert.Equal(place.Generation, (await FirstTailAsync()).Generation);
    }

    [Fact]
    public async Task A_disposed_session_receives_nothing_and_the_others_continue()
    {
        await FirstTailAsync();
        var gone = new RecordingObserver();
        var session = _log.Open(gone);
        await Eventually.Holds("the third session is connected", () => gone.Connections == 1);
        await session.DisposeAsync();
        await session.DisposeAsync();
        await _session.AppendAsync(0, Record("k"), Stop);
        await Eventually.Holds("the other session hears", () => _otherObserver.Pushes.Count == 1);
        Assert.Empty(gone.Pushes);
    }

    [Fact]
    public async Task The_list_of_nodes_contains_the_cursor_of_the_last_tail_and_a_new_confirmation_for_each_tail()
    {
        var place = await FirstTailAsync() with { ServesFor = TimeSpan.FromSeconds(7) };
        if (_log.IsLocal)
        {
            Assert.Empty((await _session.MembersAsync(0, Stop)).Members);
            return;
        }

        await _session.TailAsync(place, Stop);
        var members = await _other.MembersAsync(0, Stop);
        Assert.Equal(place.Generation, members.Generation);
        Assert.Equal(2, members.Members.Count);
        var member = Assert.Single(members.Members, m => m.Generation == place.Generation);
        Assert.Equal((place.Cursor, place.ServesFor), (member.Cursor, member.ServesFor));
        Assert.Equal((Generation.None, 0), members.Members.Where(m => m.Node != member.Node).Select(m => (m.Generation, m.Cursor)).Single());

        var record = Record("k");
        var appended = await _other.AppendAsync(0, record, Stop);
        var later = await ConfirmedAsync(place with { Cursor = appended.Sequence, IdAtCursor = record.Id }, member.Node);
        Assert.Equal(appended.Sequence, later.Cursor);

        // A log may distinguish confirmations by the millisecond.
        for (var i = 0; i < 1_000 && later.Confirmation is not null && later.Confirmation == member.Confirmation; i++)
            later = await ConfirmedAsync(place with { Cursor = appended.Sequence, IdAtCursor = record.Id }, member.Node);
        Assert.True(member.Confirmation is null || member.Confirmation != later.Confirmation);
    }

    [Fact]
    public async Task A_session_that_ends_leaves_the_list()
    {
        await FirstTailAsync();
        await _other.DisposeAsync();
        Assert.Equal(_log.IsLocal ? 0 : 1, (await _session.MembersAsync(0, Stop)).Members.Count);
    }

    [Fact]
    public async Task MembersAsync_notifies_every_session_to_confirm()
    {
        await FirstTailAsync();
        var (own, other) = (_observer.Misses, _otherObserver.Misses);
        await _session.MembersAsync(0, Stop);
        if (!_log.IsLocal)
            await Eventually.Holds("both sessions are called", () => _observer.Misses > own && _otherObserver.Misses > other);
    }

    private async Task<LogMember> ConfirmedAsync(TailRequest place, string node)
    {
        await _session.TailAsync(place, Stop);
        return (await _session.MembersAsync(0, Stop)).Members.Single(m => m.Node == node);
    }

    /// <summary>Returns the position of the log. Creates the first generation of an unused log, as a node would.</summary>
    private async Task<TailRequest> FirstTailAsync()
    {
        var reply = await TailFromNothingAsync(_session);
        if (reply.State == TailState.Broken)
        {
            await _session.CreateGenerationAsync(0, reply.Generation, Stop);
            reply = await TailFromNothingAsync(_session);
        }

        Assert.Equal(TailState.OtherGeneration, reply.State);
        await TailFromNothingAsync(_other);
        return new TailRequest(0, reply.Generation, reply.Sequence, reply.LastId, 0, 0);
    }

    private static async Task<TailReply> TailFromNothingAsync(ILogSession session) =>
        await session.TailAsync(new TailRequest(0, Generation.None, 0, 0, 0, 0), Stop);

    private static InvalidationRecord Record(string key) =>
        new(Random.Shared.NextInt64(1, long.MaxValue), InvalidationTarget.ForKey(key), Origin, DateTimeOffset.UnixEpoch);
}
