using System.Globalization;
using Xunit;
using static Unstale.IntegrationTests.Redis.Scripts.ScriptRig;

namespace Unstale.IntegrationTests.Redis.Scripts;

/// <summary>Nodes of the previous release and of this one on one log, as during a deployment.</summary>
public sealed class BothReleasesTests : IAsyncLifetime
{
    private RedisServer _server = null!;
    private RawConnection _connection = null!;
    private ScriptRig _rig = null!;
    private ScriptsBefore _before = null!;
    private long _ids;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _connection = await RawConnection.ConnectAsync(_server.EndPoint);
        _rig = new ScriptRig(_connection);
        _before = new ScriptsBefore(_connection, Control);
        await _rig.BeginAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Records_of_both_releases_form_one_dense_chain_in_one_generation()
    {
        var random = new Random(7);
        string[] targets = ["key k", "key other", "tag t", "glob g*", "everything "];
        var (sequence, last) = (0L, None);
        for (var i = 0; i < 300; i++)
        {
            if (i % 20 == 0)
                await (random.Next(2) == 0 ? (Task)_before.LoadAsync("k", sequence, [], $"c{i}") : _rig.LeaseAsync("k", "t", cache: $"c{i}"));
            var record = Record(targets[random.Next(targets.Length)]);
            var reply = random.Next(3) switch
            {
                0 => await _before.AppendAsync(record),
                1 => await _rig.AppendAsync(record),
                _ => await _rig.AppendAsync(await _rig.CachesAsync(), record),
            };
            Assert.Equal([Gen, $"{sequence + 1}", last], reply.Items.Select(static item => item.Text()));
            (sequence, last) = (sequence + 1, record.Id);
            if (i % 10 == 0)
            {
                Assert.Equal("records", State(await _before.TailAsync(sequence, last)));
                Assert.Equal("records", State(await _rig.TailAsync(cursor: sequence, id: last)));
            }
        }
    }

    [Theory]
    [InlineData("key k")]
    [InlineData("tag t")]
    [InlineData("everything ")]
    public async Task An_append_of_either_release_invalidates_the_values_of_both(string target)
    {
        foreach (var byBefore in new[] { true, false, true, false })
        {
            var stamp = long.Parse((await _rig.ControlAsync("seq"))!, CultureInfo.InvariantCulture);
            var cache = $"cache{stamp}";
            Assert.Equal(1, await _before.LoadAsync("k", stamp, ["t"]));
            await _rig.LeaseAsync("k", "t", cache: cache);
            Assert.Equal(1, await _rig.LoadUnderAsync("t", "k", stamp, ["t"], cache: cache));
            foreach (var held in new[] { Cache, cache })
            {
                Assert.False((await _before.GetAsync("k", held)).IsNull);
                Assert.False((await _rig.GetAsync("k", cache: held)).IsNull);
            }

            await (byBefore ? _before.AppendAsync(Record(target)) : _rig.AppendAsync(Record(target)));
            foreach (var held in new[] { Cache, cache })
            {
                Assert.True((await _before.GetAsync("k", held)).IsNull);
                Assert.True((await _rig.GetAsync("k", cache: held)).IsNull);
            }
        }
    }

    [Fact]
    public async Task A_lease_of_one_release_ends_with_a_record_of_its_key_by_the_other_release()
    {
        await _rig.LeaseAsync("k", "t");
        await _before.AppendAsync(Record("key k"));
        Assert.Equal(0, await _rig.LoadUnderAsync("t", "k", 1, []));
        await _rig.LeaseAsync("k", "t");
        await _before.SetAsync("k", 1, Record("key k"));
        Assert.Equal(0, await _rig.LoadUnderAsync("t", "k", 2, []));
    }

    [Fact]
    public async Task A_generation_created_by_one_release_is_used_by_the_other()
    {
        await _before.CreateAsync(OtherGen, Gen);
        await _before.TailAsync(0, None, "");
        Assert.Equal([OtherGen, "1", None], (await _rig.AppendAsync(Record("tag t"))).Items.Select(static item => item.Text()));
        Assert.Equal("records", State(await _rig.TailAsync(OtherGen, 0)));
        await _rig.CreateAsync(Gen, OtherGen);
        Assert.Equal([Gen, "1", None], (await _before.AppendAsync(Record("tag t"))).Items.Select(static item => item.Text()));
        Assert.Equal("records", State(await _before.TailAsync(0, None)));
    }

    [Fact]
    public async Task A_message_received_by_both_releases_becomes_one_record_for_each_release()
    {
        foreach (var _ in new[] { 1, 2 })
        {
            await _before.HearAsync("m", Record("key k"));
            await _rig.AppendExternalAsync(("m", Record("key k")));
        }

        Assert.Equal("2", await _rig.ControlAsync("seq"));
    }

    private ScriptRecord Record(string target) => new((++_ids).ToString("x16", CultureInfo.InvariantCulture), [target]);
}
