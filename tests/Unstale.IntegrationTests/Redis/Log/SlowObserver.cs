using Unstale.Log;

namespace Unstale.IntegrationTests.Redis.Log;

/// <summary>Observer that blocks at its first push until <see cref="GoOn"/>.</summary>
internal sealed class SlowObserver : ILogObserver, IDisposable
{
    private readonly ManualResetEventSlim _mayGoOn = new();
    private int _pushes;
    private int _misses;
    private int _connections;

    public int Pushes => Volatile.Read(ref _pushes);

    public int Misses => Volatile.Read(ref _misses);

    public int Connections => Volatile.Read(ref _connections);

    public void GoOn() => _mayGoOn.Set();

    public void Connected() => Interlocked.Increment(ref _connections);

    public void Disconnected()
    {
    }

    public void Pushed(int partition, Generation generation, LoggedRecord record)
    {
        Interlocked.Increment(ref _pushes);
        _mayGoOn.Wait();
    }

    public void Missed(int partition) => Interlocked.Increment(ref _misses);

    public void Dispose() => _mayGoOn.Dispose();
}
