using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Tests.Support;
using static Unstale.Tests.Conformance.Behaviour;

namespace Unstale.Tests.Conformance;

/// <summary>Tokens that are cancelled before a call, during a load, or by the load.</summary>
internal static class CancellationBehaviours
{
    private const string InTask = "Unstale returns a cancelled task, and an await of the call throws the same exception.";
    private const string OldIsRemoved = "The source has changed, so Unstale removes the old value before the exception is thrown.";

    public static Behaviour[] All { get; } =
    [
        Differs("A read with a cancelled token", "the call throws OperationCanceledException with the token of the caller", "the task throws OperationCanceledException with the token of the caller", InTask,
            static t => ReadCancelledAsync(t, "k")),
        Differs("A read with a cancelled token, for a cached key", "the call throws OperationCanceledException with the token of the caller", "the task throws OperationCanceledException with the token of the caller", InTask,
            static async t =>
            {
                await t.Cache.SetAsync("k", "set");
                return await ReadCancelledAsync(t, "k");
            }),
        Differs("A read with a cancelled token and an empty key", "the call throws OperationCanceledException with the token of the caller", "the task throws OperationCanceledException with the token of the caller", InTask,
            static t => ReadCancelledAsync(t, "")),
        Differs("SetAsync with a cancelled token", "caches the new value", "throws OperationCanceledException, removes the old value", OldIsRemoved,
            static t => WithCancelledTokenAsync(token => t.ReplacementAsync(() => t.Cache.SetAsync("k", "new", cancellationToken: token)))),
        Same("RemoveAsync with a cancelled token", "removes a", static t => WithCancelledTokenAsync(token => t.RemovalAsync(() => t.Cache.RemoveAsync("a", token)))),
        Same("RemoveAsync of several keys with a cancelled token", "removes a and b",
            static t => WithCancelledTokenAsync(token => t.RemovalAsync(() => t.Cache.RemoveAsync(["a", "b"], token)))),
        Same("RemoveByTagAsync with a cancelled token", "removes a",
            static t => WithCancelledTokenAsync(token => t.RemovalAsync(() => t.Cache.RemoveByTagAsync("a", token)))),
        Same("RemoveByTagAsync of several tags with a cancelled token", "removes a and b",
            static t => WithCancelledTokenAsync(token => t.RemovalAsync(() => t.Cache.RemoveByTagAsync(["a", "b"], token)))),

        Same("The only caller cancels", "throws OperationCanceledException with the token of the caller; the token of the load is cancelled",
            static t => LeaveAsync(t, callers: 1, cancelled: [0])),
        Same("The caller that began the load cancels, another waits", "throws OperationCanceledException with the token of the caller; the other receives v; the token of the load is not cancelled",
            static t => LeaveAsync(t, callers: 2, cancelled: [0])),
        Same("A caller that joined the load cancels, another waits", "throws OperationCanceledException with the token of the caller; the other receives v; the token of the load is not cancelled",
            static t => LeaveAsync(t, callers: 2, cancelled: [1])),
        Same("All callers cancel", "throws OperationCanceledException with the token of the caller; the token of the load is cancelled",
            static t => LeaveAsync(t, callers: 2, cancelled: [0, 1])),
        Same("A read while a load that all callers have left still runs", "begins another load", AfterAllLeftAsync),
        Differs(
            "The token of a load whose caller has no token",
            "cannot be cancelled",
            "can be cancelled",
            "Unstale cancels loads when the cache is disposed.",
            static async t =>
            {
                var token = CancellationToken.None;
                await t.Cache.GetOrCreateAsync("k", given =>
                {
                    token = given;
                    return new ValueTask<string>("v");
                });
                return token.CanBeCanceled ? "can be cancelled" : "cannot be cancelled";
            }),

        Same("A load that throws OperationCanceledException without a token", "throws OperationCanceledException, 2 loads for 2 reads",
            static t => t.LoadTwiceAsync(static () => throw new OperationCanceledException())),
        Same("A load that a token of its own cancels", "throws TaskCanceledException, 2 loads for 2 reads", static t => t.LoadTwiceAsync(static async () =>
        {
            using var own = new CancellationTokenSource();
            await own.CancelAsync();
            return await new TaskCompletionSource<string>().Task.WaitAsync(own.Token);
        })),
        Differs(
            "A load that a token of its own cancels, with 2 callers",
            "first: throws OperationCanceledException; second: throws OperationCanceledException",
            "first: throws OperationCanceledException; second: load 1",
            "The cancellation may concern the request of the first caller only, so the second caller of Unstale loads with its own factory.",
            static t => CanceledLoadAsync(t, new OperationCanceledException())),
        Same("A load that ends like a timed-out HTTP request, with 2 callers", "first: throws TaskCanceledException; second: throws TaskCanceledException",
            static t => CanceledLoadAsync(t, new TaskCanceledException("", new TimeoutException()))),
    ];

    private static Task<string> ReadCancelledAsync(Trial t, string key) => WithCancelledTokenAsync(async token =>
    {
        Task read;
        try
        {
            read = t.ReadAsync(key, token: token).AsTask();
        }
        catch (OperationCanceledException exception)
        {
            return $"the call throws {Named(exception, token)}";
        }

        return await Outcome.FailureOfAsync(read) is { } failure ? $"the task throws {Named(failure, token)}" : "returns";
    });

    private static async Task<string> WithCancelledTokenAsync(Func<CancellationToken, Task<string>> observe)
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        return await observe(source.Token);
    }

    private static string Named(Exception exception, CancellationToken token) => exception is OperationCanceledException canceled
        ? $"{exception.GetType().Name} with {(canceled.CancellationToken == token ? "the token of the caller" : "another token")}"
        : exception.GetType().Name;

    private static async Task<string> LeaveAsync(Trial t, int callers, int[] cancelled)
    {
        var sources = Enumerable.Range(0, callers).Select(static _ => new CancellationTokenSource()).ToArray();
        var load = new GatedLoad<string>("v");
        var reads = sources.Select(source => t.Cache.GetOrCreateAsync("k", load.RunAsync, cancellationToken: source.Token).AsTask()).ToArray();
        await load.BegunAsync();
        var outcomes = new List<string>();
        foreach (var i in cancelled)
        {
            await sources[i].CancelAsync();
            outcomes.Add($"throws {Named((await Outcome.FailureOfAsync(reads[i]))!, sources[i].Token)}");
        }

        var isLast = cancelled.Length == callers;
        if (isLast)
            await Eventually.Holds("the token of the load is cancelled", () => load.Token.IsCancellationRequested);
        load.Release();
        foreach (var i in Enumerable.Range(0, callers).Except(cancelled))
            outcomes.Add($"the other receives {await reads[i]}");
        return $"{string.Join("; ", outcomes.Distinct())}; the token of the load is {(load.Token.IsCancellationRequested ? "cancelled" : "not cancelled")}";
    }

    private static async Task<string> AfterAllLeftAsync(Trial t)
    {
        using var source = new CancellationTokenSource();
        var load = new GatedLoad<string>("old");
        var left = t.Cache.GetOrCreateAsync("k", _ => load.RunAsync(CancellationToken.None), cancellationToken: source.Token).AsTask();
        await load.BegunAsync();
        await source.CancelAsync();
        await Outcome.FailureOfAsync(left);
        var read = t.ReadAsync("k").AsTask();
        load.Release();
        return await read == "old" ? "joins the load" : "begins another load";
    }

    /// <summary>Two callers wait for a load that ends cancelled although neither has cancelled. Their own factories run again if they retry.</summary>
    private static async Task<string> CanceledLoadAsync(Trial t, OperationCanceledException failure)
    {
        var load = new GatedLoad<string>("never");
        var first = t.Cache.GetOrCreateAsync("k", load.RunAsync).AsTask();
        await load.BegunAsync();
        var second = t.ReadAsync("k").AsTask();
        load.Fail(failure);
        return $"first: {await Outcome.OfAsync(first)}; second: {await Outcome.OfAsync(second)}";
    }
}
