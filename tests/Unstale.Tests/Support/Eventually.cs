using Xunit;

namespace Unstale.Tests.Support;

/// <summary>Waits for what another thread is about to do.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    /// <summary>Fails, naming what was waited for, if it does not come true.</summary>
    /// <param name="what">What is expected, in words.</param>
    /// <param name="condition">True once it has come.</param>
    /// <param name="meanwhile">Done before each look: advances a clock, for example.</param>
    public static async Task Holds(string what, Func<bool> condition, Action? meanwhile = null)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Patience)
                Assert.Fail($"Waited in vain: {what}");
            await Task.Delay(Pause, TimeProvider.System, TestContext.Current.CancellationToken);
            meanwhile?.Invoke();
        }
    }

    /// <summary>The result of a task that is about to end; fails, naming what was waited for, if it does not.</summary>
    public static async Task<T> Ends<T>(string what, Task<T> task, Action? meanwhile = null)
    {
        await Holds(what, () => task.IsCompleted, meanwhile);
        return await task;
    }

    /// <inheritdoc cref="Ends{T}"/>
    public static async Task Ends(string what, Task task, Action? meanwhile = null)
    {
        await Holds(what, () => task.IsCompleted, meanwhile);
        await task;
    }
}
