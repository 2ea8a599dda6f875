using System.Collections.Concurrent;

namespace Unstale.Redis.Resp;

/// <summary>Objects to be used again: a few for each thread, where most come back to, and a limited number for all.</summary>
internal static class RespPool<T>
    where T : class
{
    private const int PerThread = 16;

    private static readonly ConcurrentQueue<T> All = new();

    [ThreadStatic]
    private static T?[]? _own;

    [ThreadStatic]
    private static int _held;

    public static T? TryTake()
    {
        if (_held > 0)
        {
            ref var slot = ref _own![--_held];
            var taken = slot;
            slot = null;
            return taken;
        }

        return All.TryDequeue(out var shared) ? shared : null;
    }

    /// <summary>False when there are so many for all already.</summary>
    public static bool Give(T item, int most)
    {
        if (_held < PerThread)
        {
            (_own ??= new T?[PerThread])[_held++] = item;
            return true;
        }

        if (All.Count >= most)
        {
            return false;
        }

        All.Enqueue(item);
        return true;
    }
}
