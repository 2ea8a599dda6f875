using Unstale.Horizon;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Horizon;

public sealed class TrustWindowTests
{
    private const long Bound = 5_000;
    private const long Never = long.MinValue;

    private readonly HorizonView _view = new();
    private readonly TrustWindow _trust;

    public TrustWindowTests() => _trust = new TrustWindow(new HorizonSettings { StalenessBound = Bound }, _view);

    [Fact]
    public void Trust_lasts_for_the_bound_less_the_resolution_of_the_clock_from_the_request_of_the_confirmation()
    {
        _trust.Enter();
        _trust.Confirm(1_000);
        Assert.Equal(1_000 + Bound - MonotonicClock.Resolution, _view.TrustedUntil);
        Assert.True(_view.IsTrusted(_view.TrustedUntil));
        Assert.False(_view.IsTrusted(_view.TrustedUntil + 1));
        Assert.Equal(1_000, _trust.LastConfirmed);
    }

    [Fact]
    public void A_confirmation_of_an_earlier_request_does_not_shorten_trust()
    {
        _trust.Enter();
        _trust.Confirm(1_000);
        var until = _view.TrustedUntil;
        _trust.Confirm(400);
        Assert.Equal(until, _view.TrustedUntil);
        Assert.Equal(1_000, _trust.LastConfirmed);
    }

    [Fact]
    public void Neither_entering_a_generation_nor_a_confirmation_without_a_generation_gives_trust()
    {
        _trust.Confirm(1_000);
        Assert.Equal(Never, _view.TrustedUntil);
        Assert.Null(_trust.LastConfirmed);
        _trust.Leave();
        _trust.Enter();
        _trust.Block(isBlocked: false);
        Assert.Equal(Never, _view.TrustedUntil);
        Assert.Null(_trust.LastConfirmed);
    }

    [Fact]
    public void Leaving_the_generation_ends_trust_but_not_the_time_of_the_last_confirmation()
    {
        _trust.Enter();
        _trust.Confirm(1_000);
        _trust.Leave();
        Assert.Equal(Never, _view.TrustedUntil);
        Assert.Equal(Never, _view.ServedUntil);
        Assert.Equal(1_000, _trust.LastConfirmed);
        _trust.Enter();
        _trust.Confirm(900); // of the next generation, sent earlier
        Assert.Equal(900 + Bound - MonotonicClock.Resolution, _view.TrustedUntil);
        Assert.Equal(1_000, _trust.LastConfirmed);
    }

    [Fact]
    public void A_blocked_node_is_not_trusted_until_it_is_unblocked_and_counts_the_confirmations_in_between()
    {
        _trust.Enter();
        _trust.Block(isBlocked: true);
        _trust.Confirm(1_000);
        Assert.Equal(Never, _view.TrustedUntil);
        Assert.Null(_trust.LastConfirmed);
        _trust.Block(isBlocked: false);
        Assert.Equal(1_000 + Bound - MonotonicClock.Resolution, _view.TrustedUntil);
        Assert.Equal(1_000, _trust.LastConfirmed);
    }

    [Fact]
    public void A_block_outlasts_the_generation_in_which_it_began()
    {
        _trust.Enter();
        _trust.Block(isBlocked: true);
        _trust.Leave();
        _trust.Enter();
        _trust.Confirm(1_000);
        Assert.Equal(Never, _view.TrustedUntil);
    }

    [Fact]
    public void The_longest_time_beyond_the_bound_is_announced_at_once_and_served_from_the_confirmation_after_its_report()
    {
        _trust.ServeBeyond(300);
        _trust.ServeBeyond(200);
        Assert.Equal(300, _trust.ServesBeyond);
        Assert.Equal(TimeSpan.FromMilliseconds(Bound + 300), _trust.ServesFor);
        _trust.Enter();
        _trust.Confirm(1_000);
        Assert.Equal(_view.TrustedUntil, _view.ServedUntil);
        _trust.Reported(300);
        _trust.Reported(100);
        Assert.Equal(_view.TrustedUntil, _view.ServedUntil);
        _trust.Confirm(1_000);
        Assert.Equal(_view.TrustedUntil + 300, _view.ServedUntil);
    }

    [Fact]
    public void A_node_is_cold_for_the_bound_from_the_first_confirmation_after_its_reset()
    {
        _trust.Enter();
        _trust.Confirm(1_000);
        Assert.Equal(Never, _view.ColdUntil);
        _trust.Cool();
        Assert.Equal(Never, _view.ColdUntil);
        _trust.Confirm(2_000);
        _trust.Confirm(3_000);
        Assert.Equal(2_000 + Bound, _view.ColdUntil);
    }

    [Fact]
    public void A_local_log_is_trusted_without_end_while_a_generation_is_followed()
    {
        var view = new HorizonView();
        var trust = new TrustWindow(new HorizonSettings { IsLocal = true }, view);
        trust.Reported(300);
        trust.Enter();
        trust.Confirm(1_000);
        Assert.Equal((long.MaxValue, long.MaxValue), (view.TrustedUntil, view.ServedUntil));
        trust.Leave();
        Assert.Equal((Never, Never), (view.TrustedUntil, view.ServedUntil));
    }
}
