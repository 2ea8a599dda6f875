using System.Collections.Concurrent;
using Adapters;

namespace Unstale.Tests.Samples;

/// <summary>Data behind the adapters of one test.</summary>
public sealed class Shelf
{
    private readonly ConcurrentDictionary<int, string> _names = new() { [4] = "Lamp" };
    private int _reads;

    /// <summary>Number of reads that have begun.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>Reads wait for this task.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Token of the last read.</summary>
    public CancellationToken Token { get; private set; }

    /// <summary>Cached names that were found when a command committed.</summary>
    public IList<string> Committed { get; } = [];

    public string this[int id]
    {
        get => _names[id];
        set => _names[id] = value;
    }

    public Task BeginReadAsync(CancellationToken token)
    {
        Token = token;
        Interlocked.Increment(ref _reads);
        return Gate.WaitAsync(token);
    }

    /// <summary>Store of one scope. A read after the end of the scope fails, like a read of a disposed <c>DbContext</c>.</summary>
    public sealed class Store(Shelf shelf) : IProductStore, IDisposable
    {
        private bool _isDisposed;

        public async ValueTask<Product> FindAsync(int id, CancellationToken token)
        {
            var name = shelf[id];
            await shelf.BeginReadAsync(token);
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return new(id, name);
        }

        public async ValueTask<bool> RenameAsync(int id, string name, CancellationToken token)
        {
            await Task.Yield();
            ArgumentException.ThrowIfNullOrEmpty(name);
            if (name == "taken")
                return false;
            shelf[id] = name;
            return true;
        }

        public void Dispose() => _isDisposed = true;
    }
}
