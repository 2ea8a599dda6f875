using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Node;
using Unstale.Tests.Cluster;
using Xunit;

namespace Unstale.Tests.Node;

public sealed class OutageLogTests
{
    private readonly CapturedLog _lines = new();
    private readonly OutageLog _outage;

    public OutageLogTests() => _outage = new OutageLog("log", 5_000, GuardedLogger.Over(_lines));

    [Fact]
    public void An_outage_is_reported_at_its_start_and_at_its_end_only()
    {
        var outage = default(OncePerOutage);
        Assert.False(outage.End());
        Assert.Equal((true, false, true), (outage.Start(), outage.Start(), outage.IsOpen));
        Assert.Equal((true, false, false), (outage.End(), outage.End(), outage.IsOpen));
        Assert.True(outage.Start());
    }

    [Fact]
    public void The_return_of_the_log_is_reported_when_tails_and_appends_work_again()
    {
        var why = new IOException("refused");
        _outage.Followed();
        _outage.TailFailed(why);
        _outage.TailFailed(why);
        _outage.AppendFailed(why, 3);
        _outage.Followed();
        Assert.Equal((2, 0), Lines());
        _outage.Accepted();
        _outage.Accepted();
        _outage.Followed();
        Assert.Equal((2, 1), Lines());
    }

    [Fact]
    public void Lost_trust_is_reported_once_after_the_bound_and_once_at_its_return()
    {
        foreach (var since in new[] { 4_999L, 5_000, 6_000 })
            _outage.TrustChecked(isTrusted: false, since);
        Assert.Equal((1, 0), Lines());
        _outage.TrustChecked(isTrusted: true, 0);
        _outage.TrustChecked(isTrusted: true, 0);
        Assert.Equal((1, 1), Lines());
    }

    [Fact]
    public void A_short_loss_of_trust_is_not_reported()
    {
        _outage.TrustChecked(isTrusted: false, 4_999);
        _outage.TrustChecked(isTrusted: true, 0);
        Assert.Equal((0, 0), Lines());
    }

    private (int Warnings, int Others) Lines()
    {
        var warnings = _lines.Texts(LogLevel.Warning).Length;
        return (warnings, _lines.Texts(LogLevel.Trace).Length - warnings);
    }
}
