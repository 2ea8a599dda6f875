using Xunit;

namespace Unstale.Tests.Architecture;

/// <summary>Work that outlives its caller is started without the caller's execution context, through one helper.</summary>
public sealed class ExecutionContextTests
{
    private static readonly string[] Known =
    [
        // Ends before its caller continues, or soon after.
        "UnstaleCache.PreviewAsync: Task.Run",

        // A load runs in the flow of the caller that started it, with or without a limit.
        "LoadCoordinator.RunWithinAsync: Task.Run",

        // A refresh runs in a copy of its caller's flow. The copy ends with the refresh.
        "LoadCoordinator.RefreshBehind: QueueUserWorkItem",
        "LoadCoordinator.RefreshBehind: _ = RefreshAsync",

        // A load with a soft timeout runs in its caller's flow, as every load does.
        "LoadCoordinator.LoadWithinSoftTimeoutAsync: Task.Run",

        // A call of IDistributedCache, which its caller awaits.
        "UnitOfWork.RunOutsideAsync: Task.Run",

        // Started on the thread pool or by a loop, in no caller's flow.
        "SinkDispatcher.Begin: _ = RunAsync",
        "LeaseKeeper.Renew: _ = RenewAsync",
        "ListenerGroup.Announce: _ = NotifyAsync",
        "ChannelListener.NotifyGapAsync: _ = RetryGapAsync",
        "ServerConfigurationCheck.Connected: _ = SurveyAsync",

        // One call of the server, which has a time limit.
        "RedisConnection.LeaveWhenDone: Task.ContinueWith",
        "RedisConnection.LeaveWhenDone: _ = ContinueWith",
    ];

    [Fact]
    public void Calls_that_capture_the_execution_context_use_the_helper_or_are_listed() =>
        GuardedCallTests.AssertOnly(Known, CallRules.Capture);
}
