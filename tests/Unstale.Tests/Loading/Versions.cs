namespace Unstale.Tests.Loading;

/// <summary>For each key, the newest version in the source, and the minimum for a read that begins now.</summary>
internal sealed class Versions(int keys)
{
    private readonly long[] _newest = new long[keys];
    private readonly long[] _required = new long[keys];
    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, keys).Select(_ => new SemaphoreSlim(1))];

    public long Newest(int key) => Interlocked.Read(ref _newest[key]);

    public long Required(int key) => Interlocked.Read(ref _required[key]);

    public long Raise(int key) => Interlocked.Increment(ref _newest[key]);

    public void Require(int key, long version)
    {
        for (var known = Required(key); known < version;)
        {
            var found = Interlocked.CompareExchange(ref _required[key], version, known);
            known = found == known ? version : found;
        }
    }

    public Task EnterAsync(int key) => _turns[key].WaitAsync();

    public void Leave(int key) => _turns[key].Release();
}
