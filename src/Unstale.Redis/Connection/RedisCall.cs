using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Text;
using StackExchange.Redis;

namespace Unstale.Redis.Connection;

/// <summary>
/// Builder of one call: a script or a command, the keys, and then the arguments, in a pooled buffer. The client reads the buffer until the command is
/// written, so a call whose outcome stays unknown never returns the buffer to the pool.
/// </summary>
internal sealed class RedisCall : IDisposable
{
    private const int PooledBytes = 16 << 10;
    private const int PooledArguments = 256;
    private const int PooledCalls = 256;

    private const CommandFlags Flags = CommandFlags.DemandMaster | CommandFlags.CommandRetryNever;

    private static readonly ConcurrentQueue<RedisCall> Pool = new();
    private static int _pooled;

    private byte[] _buffer = new byte[512];
    private int[] _ends = new int[32];
    private RedisKey[] _keys = new RedisKey[8];
    private RedisValue[] _values = [];
    private RedisKeyOrValue[] _both = [];
    private int _keyCount;
    private int _count;
    private int _keyBytes;
    private RedisScript? _script;
    private bool _isAbandoned;
    private bool _disposed;

    private RedisCall()
    {
    }

    /// <summary>Name of the command for messages. Arguments never appear in messages.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Whether an unknown outcome of this call closes the connection, even if the caller stopped waiting: see <see cref="RedisConnection"/>.</summary>
    public bool IsFenced { get; private set; }

    /// <summary>Approximate size of the call in the client's queue.</summary>
    public int Bytes => Length + _keyBytes + (24 * (_count + _keyCount));

    private int Length => _count == 0 ? 0 : _ends[_count - 1];

    /// <summary>Encodes the common first part of keys, so that a key made from the result allocates nothing.</summary>
    public static RedisKey Prefix(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Creates a call of a server command, such as HDEL.</summary>
    public static RedisCall Create(string name)
    {
        var call = Rent();
        call.Name = name;
        return call;
    }

    /// <summary>Creates a call of a script.</summary>
    public static RedisCall Create(RedisScript script, int keys)
    {
        var call = Rent();
        call.Name = "EVALSHA";
        call._script = script;
        call.IsFenced = script.IsFenced;
        call.ReserveKeys(keys);
        return call;
    }

    /// <summary>Adds the next key. All keys precede the arguments.</summary>
    public RedisCall Key(RedisKey key, int bytes = 64)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ReserveKeys(_keyCount + 1);
        _keys[_keyCount++] = key;
        _keyBytes += bytes;
        return this;
    }

    public RedisCall Key(string key) => Key(key, key.Length);

    /// <summary>Adds a key of two parts, which are not concatenated here.</summary>
    public RedisCall Key(RedisKey prefix, string key) => Key(prefix.Append(key), key.Length);

    public RedisCall Key(byte[] key) => Key(key, key.Length);

    public RedisCall Arg(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Argument(value.Length));
        return this;
    }

    public RedisCall Arg(ReadOnlySpan<char> value)
    {
        Encoding.UTF8.GetBytes(value, Argument(Encoding.UTF8.GetByteCount(value)));
        return this;
    }

    public RedisCall Arg(string value) => Arg(value.AsSpan());

    public RedisCall Arg(byte[] value) => Arg(value.AsSpan());

    public RedisCall Arg(long value)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(value, digits, out var length);
        return Arg(digits[..length]);
    }

    /// <summary>Adds an argument of the given length. The caller writes the bytes before adding the next argument.</summary>
    public Span<byte> Argument(int bytes)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var start = Length;
        Reserve(start + bytes);
        _ends[_count++] = start + bytes;
        return _buffer.AsSpan(start, bytes);
    }

    /// <summary>Passes the call to the client. The call may be sent again once the first outcome is certain.</summary>
    public Task<RespResult> SendAsync(IDatabase database, CommandFlags flags = Flags)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _script is null
            ? database.ExecuteRespAsync(Name, Both(null), flags)
            : database.ScriptEvaluateRespAsync(_script.Sha, _keys.AsMemory(0, _keyCount), Values(), flags);
    }

    /// <summary>Passes the call to the client with the source of the script in place of the hash. The server then stores the script.</summary>
    public Task<RespResult> SendSourceAsync(IDatabase database) => database.ExecuteRespAsync("EVAL", Both(_script), Flags);

    /// <summary>Excludes the buffer from the pool, because the client may read the buffer after the caller stopped waiting.</summary>
    public void Abandon() => _isAbandoned = true;

    public void Dispose()
    {
        if (_disposed)
            return;

        _disposed = true;
        if (_isAbandoned || _buffer.Length > PooledBytes || _ends.Length > PooledArguments || _keys.Length > PooledArguments)
            return;

        Array.Clear(_keys, 0, _keyCount);
        Array.Clear(_both);
        if (Interlocked.Increment(ref _pooled) <= PooledCalls)
        {
            Pool.Enqueue(this);
        }
        else
        {
            Interlocked.Decrement(ref _pooled);
        }
    }

    private static RedisCall Rent()
    {
        if (!Pool.TryDequeue(out var call))
            return new RedisCall();

        Interlocked.Decrement(ref _pooled);
        call._keyCount = call._count = call._keyBytes = 0;
        call._script = null;
        call.IsFenced = false;
        call._disposed = false;
        return call;
    }

    /// <summary>Returns the arguments added so far, as slices of the buffer.</summary>
    public ReadOnlyMemory<RedisValue> Values()
    {
        if (_values.Length < _count)
            _values = new RedisValue[Math.Max(_count, _ends.Length)];

        for (var i = 0; i < _count; i++)
            _values[i] = Value(i);

        return _values.AsMemory(0, _count);
    }

    /// <summary>Returns everything behind the name of the command. For EVAL, the source and the number of keys are first.</summary>
    private ReadOnlyMemory<RedisKeyOrValue> Both(RedisScript? source)
    {
        var at = source is null ? 0 : 2;
        var length = at + _keyCount + _count;
        if (_both.Length < length)
            _both = new RedisKeyOrValue[length];

        if (source is not null)
        {
            _both[0] = (RedisValue)source.Source;
            _both[1] = (RedisValue)_keyCount;
        }

        for (var i = 0; i < _keyCount; i++)
            _both[at++] = _keys[i];

        for (var i = 0; i < _count; i++)
            _both[at++] = Value(i);

        return _both.AsMemory(0, length);
    }

    private RedisValue Value(int i)
    {
        var start = i == 0 ? 0 : _ends[i - 1];
        return new ReadOnlyMemory<byte>(_buffer, start, _ends[i] - start);
    }

    private void ReserveKeys(int count)
    {
        if (_keys.Length < count)
            Array.Resize(ref _keys, Math.Max(count, 2 * _keys.Length));
    }

    private void Reserve(int bytes)
    {
        if (_ends.Length == _count)
            Array.Resize(ref _ends, 2 * _count);

        if (_buffer.Length < bytes)
            Array.Resize(ref _buffer, Math.Max(bytes, 2 * _buffer.Length));
    }
}
