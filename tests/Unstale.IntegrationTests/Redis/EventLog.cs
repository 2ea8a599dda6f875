using Unstale.Redis.Resp;

namespace Unstale.IntegrationTests.Redis;

/// <summary>A handler that writes down what it gets, held back by a gate if there is one.</summary>
internal sealed class EventLog(ManualResetEventSlim? gate = null)
{
    private readonly Lock _lock = new();
    private readonly List<RespEvent> _events = [];

    public int Count => Snapshot().Count;

    public void Add(RespConnection connection, in RespEvent e)
    {
        gate?.Wait();
        lock (_lock)
        {
            _events.Add(e);
        }
    }

    public List<RespEvent> Snapshot()
    {
        lock (_lock)
        {
            return [.. _events];
        }
    }
}
