using Xunit;

namespace Unstale.IntegrationTests.Redis.SecondLevel;

/// <summary>Loss of any key at any time: evicted, deleted, or expired too early.</summary>
public sealed class EvictionTests : StoreTest
{
    public static TheoryData<string> Kinds => ["ctl", "log", "tags:0", "tags:1", "v:default:k", "l:default:k", "sweep"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task No_old_value_is_served_or_stored_after_the_loss_of_any_key(string kind)
    {
        Assert.True(await Node.LoadAsync("k", "old", 0, ["t"]));
        await Raw.RunAsync("SET", StoreNode.Keys.Base + "sweep", "someone");
        var lease = await Node.LeaseAsync("k");
        await Node.InvalidateTagAsync("t");
        await Raw.RunAsync("DEL", StoreNode.Keys.Base + kind);

        Assert.Null(await Node.GetAsync("k"));
        Assert.False(await Node.LoadAsync(lease!, "old", 0, ["t"]));
        Assert.False((await Node.SetAsync("k", "old", 0, ["t"])).Written);
        Assert.Null(await Node.GetAsync("k"));

        var now = await Node.PlaceAsync();
        Assert.Null(await Node.GetAsync("k"));
        await (lease is null ? default : Node.Store.ReleaseAsync(lease, Stop));
        Assert.True(await Node.LoadAsync("k", "new", now, ["t"]));
        Assert.Equal("new", await Node.GetAsync("k"));
        await Node.InvalidateTagAsync("t");
        Assert.Null(await Node.GetAsync("k"));
    }

    [Theory]
    [InlineData("tags:0")]
    [InlineData("tags:1")]
    public async Task Tagged_values_written_before_a_loss_of_the_tags_are_not_served_afterwards(string hash)
    {
        Assert.True(await Node.LoadAsync("tagged", "old", 0, ["t"]));
        Assert.True(await Node.LoadAsync("plain", "old", 0));
        await Node.InvalidateTagAsync("t");
        await Raw.RunAsync("DEL", StoreNode.Keys.Base + hash);
        await Node.PlaceAsync();
        Assert.Null(await Node.GetAsync("tagged"));
        Assert.Equal("old", await Node.GetAsync("plain"));
    }

    [Fact]
    public async Task A_flushed_server_serves_no_value_and_refuses_an_old_lease()
    {
        Assert.True(await Node.LoadAsync("k", "old", 0));
        var (generation, lease) = (Node.Generation, await Node.LeaseAsync("k2"));
        await Raw.RunAsync("FLUSHALL");
        Assert.Null(await Node.GetAsync("k"));
        Assert.False(await Node.LoadAsync(lease!, "old", 0));
        await Node.PlaceAsync();
        Assert.NotEqual(generation, Node.Generation);
        Assert.False(await Node.LoadAsync(lease!, "old", 0));
        Assert.True(await Node.LoadAsync("k", "new", 0));
        Assert.Equal("new", await Node.GetAsync("k"));
    }

    [Fact]
    public async Task A_value_of_the_generation_before_is_not_served()
    {
        Assert.True(await Node.LoadAsync("k", "old", 0));
        var old = await Raw.BytesAsync(PlaceOf("k"));
        await Raw.RunAsync("DEL", StoreNode.Keys.Control);
        await Node.PlaceAsync();
        Assert.Equal(old, await Raw.BytesAsync(PlaceOf("k")));
        Assert.Null(await Node.GetAsync("k"));
        Assert.True(await Node.LoadAsync("k", "new", 0));
        Assert.Equal("new", await Node.GetAsync("k"));
    }

    [Fact]
    public async Task Values_invalidated_by_a_tag_stay_invalid_while_the_tag_hashes_rotate()
    {
        Assert.True(await Node.LoadAsync("killed before", "old", 0, ["a"]));
        Assert.True(await Node.LoadAsync("killed after", "old", 0, ["b"]));
        Assert.True(await Node.LoadAsync("spared", "old", 0, ["c"]));
        Assert.True(await Node.LoadAsync("without tags", "old", 0));
        await Node.InvalidateTagAsync("a");

        await RotateAsync("1");
        await Node.InvalidateTagAsync("b");
        Assert.Null(await Node.GetAsync("killed before"));
        Assert.Null(await Node.GetAsync("killed after"));
        Assert.Equal("old", await Node.GetAsync("spared"));
        Assert.True(await Node.LoadAsync("young", "v", 2, ["b"]));

        // The marks of "a" are dropped now, and with them every value of that age with a tag.
        await RotateAsync("0");
        Assert.Equal("1", await ControlAsync("tags_floor"));
        Assert.Null(await Node.GetAsync("killed before"));
        Assert.Null(await Node.GetAsync("killed after"));
        Assert.Null(await Node.GetAsync("spared"));
        Assert.Equal("old", await Node.GetAsync("without tags"));
        Assert.Equal("v", await Node.GetAsync("young"));
        Assert.False(await Node.LoadAsync("late", "old", 0, ["c"]));

        await RotateAsync("1");
        Assert.Null(await Node.GetAsync("killed before"));
        Assert.Null(await Node.GetAsync("killed after"));
        Assert.Equal("v", await Node.GetAsync("young"));
        await Node.InvalidateTagAsync("b");
        Assert.Null(await Node.GetAsync("young"));
    }

    /// <summary>Makes the next tail rotate tags that have been current for too long.</summary>
    private async Task RotateAsync(string current)
    {
        await Raw.RunAsync("HSET", StoreNode.Keys.Control, "tags_at", "0");
        await Node.PlaceAsync();
        Assert.Equal(current, await ControlAsync("tags"));
    }
}
