using Microsoft.CodeAnalysis;
using Xunit;

namespace Unstale.Tests.Architecture;

/// <summary>Only the folder Boundary calls application code, so that exceptions thrown there change nothing in the engine.</summary>
public sealed class GuardedCallTests
{
    [Fact]
    public void Loggers_are_used_through_the_guard_alone() => AssertOnly([], CallRules.Logger);

    [Fact]
    public void Clocks_are_used_through_the_guard_alone() => AssertOnly([], CallRules.Clock);

    [Fact]
    public void Instruments_and_activities_are_used_through_the_guard_alone() => AssertOnly([], CallRules.Listener);

    [Fact]
    public void Tokens_are_cancelled_through_the_guard_alone() =>
        AssertOnly(KnownCalls.Cancellations, CallRules.Cancellation);

    [Fact]
    public void Delegates_of_the_application_are_called_through_the_guard_or_are_listed() =>
        AssertOnly(KnownCalls.Delegates, CallRules.Delegate(ProductSources.Instance.Given));

    [Fact]
    public void Objects_of_the_application_are_called_through_the_guard_or_are_listed() =>
        AssertOnly(KnownCalls.Objects, CallRules.Implementation);

    [Theory]
    [InlineData("void M(Microsoft.Extensions.Logging.ILogger l) { }", "takes a logger")]
    [InlineData("object M(Microsoft.Extensions.Logging.ILoggerFactory f) => f.CreateLogger(\"x\");", "calls ILoggerFactory")]
    [InlineData("long M(TimeProvider t) => t.GetTimestamp();", "GetTimestamp")]
    [InlineData("object M(TimeProvider t) => t.CreateTimer(_ => { }, null, default, default);", "CreateTimer")]
    [InlineData("Task M(TimeProvider t) => Task.Delay(TimeSpan.Zero, t);", "hands a clock to Task.Delay(TimeSpan.Zero, t)")]
    [InlineData("void M(System.Diagnostics.Metrics.Counter<long> c) => c.Add(1);", "calls Counter")]
    [InlineData("object M() => new System.Diagnostics.Metrics.Meter(\"x\");", "makes Meter")]
    [InlineData("void M() => System.Diagnostics.Activity.Current = null;", "sets Activity.Current")]
    [InlineData("void M(System.Diagnostics.Activity a) { using var b = a; }", "disposes an Activity")]
    [InlineData("void M(CancellationTokenSource s) => s.Cancel();", "Cancel")]
    [InlineData("void M(CancellationTokenSource s) => s.CancelAfter(1);", "CancelAfter")]
    [InlineData("object M(TimeSpan t) => new CancellationTokenSource(t);", "a source with a time limit")]
    [InlineData("void M(Action a) => a();", "a")]
    [InlineData("void M(Action? a) => a?.Invoke();", "a")]
    [InlineData("Action _f = null!; public void M(Action a) => _f = a; void N() => _f();", "_f")]
    [InlineData("Action _f = null!; int _n; public void M(Action a) => (_f, _n) = (a, 1); void N() => _f();", "_f")]
    [InlineData("Action P { get; set; } void N() { if (P is { } p) p(); }", "p")]
    [InlineData("void M(Action a) => N(a ?? (() => { })); private void N(Action b) => b();", "b")]
    [InlineData("void M(Action a) => new C(a).N(); private sealed class C(Action c) { public void N() => c(); }", "c")]
    [InlineData("void M(Func<int> f) => N((f, 1)); private int N((Func<int> f, int) s) => s.f();", "s.f")]
    [InlineData("Task M(Func<Task> f) => Task.Run(f);", "Task.Run")]
    [InlineData("object M(CancellationToken t) => t.Register(() => { });", "Register")]
    [InlineData("void M() { _ = N(); } private Task N() => Task.CompletedTask;", "_ = N")]
    [InlineData("void M() => ThreadPool.QueueUserWorkItem(_ => { });", "QueueUserWorkItem")]
    [InlineData("void M(Action a) { UserCode.Call(() => a()); } private static class UserCode { public static void Call(Action b) { } }", null)]
    [InlineData("void M(Action a) => N(() => a()); private void N(Action b) => b();", "a")]
    [InlineData("void M() { Action own = () => { }; own(); }", null)]
    public void A_call_that_bypasses_the_guard_is_found(string member, string? found)
    {
        var sources = ProductSources.Of($"#nullable enable\npublic class Planted {{ public {member} }}");
        Func<SyntaxNode, SemanticModel, string?>[] rules =
        [
            CallRules.Logger, CallRules.Clock, CallRules.Listener, CallRules.Cancellation, CallRules.Delegate(sources.Given), CallRules.Implementation, CallRules.Capture,
        ];
        var all = rules.SelectMany(rule => sources.Find(rule)).Select(static one => one.What).ToList();

        if (found is null)
            Assert.Empty(all);
        else
            Assert.Contains(found, all);
    }

    internal static void AssertOnly(IReadOnlyCollection<string> known, Func<SyntaxNode, SemanticModel, string?> rule)
    {
        var found = ProductSources.Instance.Find(rule).ToList();
        Assert.DoesNotContain(found, one => !known.Contains(one.Name, StringComparer.Ordinal));
        Assert.Empty(known.Except(found.Select(static one => one.Name), StringComparer.Ordinal));
    }
}
