namespace Unstale.Redis.Resp;

/// <summary>
/// The awaited replies that came with one read. Their callers go on one after the other on the thread that read them, and what they
/// send next goes out together. While any of them is still to go on, the pool holds a work item that does it, so a caller who blocks
/// holds up nobody but himself.
/// </summary>
internal sealed class RespBatch : IThreadPoolWorkItem
{
    private const int Pooled = 64;

    [ThreadStatic]
    private static RespBatch? _running;

    private RespConnection? _connection;
    private (RespCall Call, RespReply Reply)[] _answers = new (RespCall, RespReply)[16];
    private int _count;
    private int _claimed;
    private int _holders;

    /// <summary>
    /// Whether what is sent here need not be flushed: a step of the batch that runs on this thread is not claimed yet, and its last
    /// step flushes. Asked under the lock of the connection, after the command has been put out.
    /// </summary>
    public static bool SendsFor(RespConnection connection) =>
        _running is { } batch && batch._connection == connection && Volatile.Read(ref batch._claimed) < batch.Steps;

    /// <summary>One for each caller, and one more to flush where there are several.</summary>
    private int Steps => _count == 1 ? 1 : _count + 1;

    public static RespBatch Take(RespConnection connection)
    {
        var batch = RespPool<RespBatch>.TryTake() ?? new RespBatch();
        batch._connection = connection;
        return batch;
    }

    public void Add(RespCall call, in RespReply reply)
    {
        if (_count == _answers.Length)
        {
            Array.Resize(ref _answers, 2 * _count);
        }

        _answers[_count++] = (call, reply);
    }

    /// <summary>Begins on this thread, which no longer reads.</summary>
    public void Run()
    {
        _holders = 1;
        Execute();
    }

    /// <summary>Begins on another thread.</summary>
    public void Queue()
    {
        _holders = 1;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public void Execute()
    {
        if (_count > 1 && Volatile.Read(ref _claimed) < Steps)
        {
            Interlocked.Increment(ref _holders);
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        var outer = _running;
        _running = this;
        // Who claims a step takes it; a claim beyond the last is nobody's.
        for (int step; (step = Interlocked.Increment(ref _claimed) - 1) < Steps;)
        {
            Take(step);
        }

        _running = outer;
        // The last of those who hold it gives it back; which one that is, is open.
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            Array.Clear(_answers, 0, _count);
            _count = _claimed = 0;
            _connection = null;
            RespPool<RespBatch>.Give(this, Pooled);
        }
    }

    private void Take(int step)
    {
        if (step == _count)
        {
            _connection!.Flush();
            return;
        }

        var (call, reply) = _answers[step];
        if (reply.IsError)
        {
            call.Fail(RespServerError.From(call.Name, reply));
        }
        else
        {
            call.Succeed(reply);
        }

        call.Release();
    }
}
