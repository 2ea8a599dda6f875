using Xunit;

namespace Unstale.Tests.Support;

/// <summary>Waits for effects of other threads.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    /// <summary>Waits for a condition. Fails with its description after a limit.</summary>
    /// <param name="what">Description of the condition.</param>
    /// <param name="condition">Returns true once met.</param>
    /// <param name="meanwhile">Called before each further check, for example to advance a clock.</param>
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

    /// <summary>Waits for a task and returns its result. Fails with the description after a limit.</summary>
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
