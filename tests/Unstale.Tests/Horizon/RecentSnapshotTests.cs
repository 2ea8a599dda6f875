using Unstale.Horizon;
using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Horizon;

/// <summary>Snapshots of the recent records: constant work under the lock, and no change after they were taken.</summary>
public sealed class RecentSnapshotTests
{
    private static readonly Generation Generation = Generation.Create();
    private static readonly RecordOrigin Origin = new("node", "tests");
    private static readonly InvalidationRecord Record = new(1, InvalidationTarget.Everything, Origin, DateTimeOffset.UnixEpoch);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(200)]
    public void A_snapshot_holds_the_newest_records_as_of_its_moment_whatever_is_noted_later(int capacity)
    {
        var recent = new RecentRecords(capacity);
        var snapshots = new List<(long Last, NotedRecords Records)>();
        for (var sequence = 1L; sequence <= 700; sequence++)
        {
            recent.Note(Generation, epoch: 0, sequence, Record);
            if (sequence % 37 == 0)
                snapshots.Add((sequence, recent.History(default, 0, []).Records));
        }

        foreach (var (last, records) in snapshots)
        {
            var first = Math.Max(1, last - capacity + 1);
            Assert.Equal(LongRange(first, last), records.Select(noted => noted.Sequence));
            Assert.Equal(last - first + 1, records.Count);
        }
    }

    [Fact]
    public void A_snapshot_costs_the_same_for_any_number_of_records()
    {
        Assert.Equal(BytesOfSnapshot(records: 1), BytesOfSnapshot(records: 10_000));
        Assert.InRange(BytesOfSnapshot(records: 10_000), 1, 200);
    }

    [Fact]
    public void Noting_allocates_nothing_once_the_capacity_is_reached_and_no_snapshot_is_taken()
    {
        var recent = new RecentRecords(1_000);
        Load(recent, 2_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Load(recent, 10_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_record_is_returned_with_the_generation_and_the_epoch_in_which_it_was_noted()
    {
        var recent = new RecentRecords(8);
        var next = Generation.Create(Generation.Number);
        recent.Note(Generation, epoch: 4, 7, Record);
        recent.Note(Generation, epoch: 5, 8, Record);
        recent.Note(next, epoch: 5, 1, Record);
        Assert.Equal([(Generation, 4, 7), (Generation, 5, 8), (next, 5, 1L)], recent.History(default, 5, []).Records.Select(noted => (noted.Generation, noted.Epoch, noted.Sequence)));
    }

    private static long BytesOfSnapshot(int records)
    {
        var recent = new RecentRecords(records);
        Load(recent, records);
        _ = recent.History(default, 0, []);
        var before = GC.GetAllocatedBytesForCurrentThread();
        _ = recent.History(default, 0, []);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void Load(RecentRecords recent, int records)
    {
        for (var sequence = 1; sequence <= records; sequence++)
            recent.Note(Generation, epoch: 0, sequence, Record);
    }

    private static IEnumerable<long> LongRange(long first, long last)
    {
        for (var i = first; i <= last; i++)
            yield return i;
    }
}
