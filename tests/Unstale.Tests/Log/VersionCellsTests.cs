using Microsoft.Extensions.Time.Testing;
using Unstale.Boundary;
using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Log;

public sealed class VersionCellsTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void At_the_start_of_the_process_no_version_is_in_doubt()
    {
        var cells = new VersionCells(GuardedTime.Over(_clock));
        Assert.True(cells.IsSure(cells.Get("c", "k")));
        Assert.Equal(0, cells.Get("c", "k").Version);
    }

    [Fact]
    public void A_version_is_stored_for_ten_minutes()
    {
        var cells = new VersionCells(GuardedTime.Over(_clock));
        _clock.Advance(9 * Minute);
        Raise(cells, "k", 5);
        _clock.Advance(10 * Minute);
        Assert.Equal(5, cells.Get("c", "k").Version);
        Raise(cells, "other", 1);
        _clock.Advance(11 * Minute);
        Raise(cells, "other", 2);
        Assert.Equal(0, cells.Get("c", "k").Version);
        Assert.True(cells.IsSure(cells.Get("c", "k")));
    }

    [Fact]
    public void Versions_dropped_for_lack_of_room_leave_doubt_for_ten_minutes()
    {
        var cells = new VersionCells(GuardedTime.Over(_clock), most: 2);
        _clock.Advance(Minute);
        for (var i = 0; i < 5; i++)
            Raise(cells, $"k{i}", 7);
        Assert.Equal(0, cells.Get("c", "k0").Version);
        Assert.False(cells.IsSure(cells.Get("c", "k0")));
        Assert.Equal(7, cells.Get("c", "k2").Version);
        Assert.True(cells.IsSure(cells.Get("c", "k2")));
        Assert.False(cells.IsSure(cells.Get("c", "never told")));

        // While in doubt, the version is raised and stays in doubt: a higher one may have been forgotten.
        Raise(cells, "k0", 3);
        Assert.Equal(3, cells.Get("c", "k0").Version);
        Assert.False(cells.IsSure(cells.Get("c", "k0")));
        _clock.Advance(9 * Minute);
        Assert.False(cells.IsSure(cells.Get("c", "k0")));
        _clock.Advance(Minute);
        Assert.True(cells.IsSure(cells.Get("c", "k0")));
    }

    [Fact]
    public void A_lower_version_does_not_lower_the_stored_version_and_each_cache_has_its_own_versions()
    {
        var cells = new VersionCells(GuardedTime.Over(_clock));
        Raise(cells, "k", 5);
        Raise(cells, "k", 4);
        Assert.Equal(5, cells.Get("c", "k").Version);
        Assert.Equal(0, cells.Get("d", "k").Version);
    }

    private static void Raise(VersionCells cells, string key, long version) => cells.Raise("c", key, cells.Get("c", key), version, 1);
}
