using Unstale.Redis.Connection;

namespace Unstale.Redis.Log;

/// <content>Callbacks of the hub, called one at a time.</content>
internal sealed partial class RedisLogSession : IRedisListener
{
    public string Channel => _log.Keys.Channel;

    public bool IsOfLog => true;

    public string Key => _log.Keys.Control;

    public void LinkUp(RedisSession link)
    {
        _pushes.Begin();
        Volatile.Write(ref _up, link);
        _observer.Connected();
    }

    public void LinkDown(RedisSession link, Exception why)
    {
        lock (_gate)
        {
            _up = null;
            _asked = null;
        }

        _observer.Disconnected();
    }

    public void PushesLost() => _observer.Missed(_log.Partition);

    public void Pushed(byte[] payload)
    {
        _pushes.Pushed();
        var push = new PushReader(payload);
        if (push.IsCallToConfirm)
        {
            _observer.Missed(_log.Partition);
            return;
        }

        if (!push.TryHead())
        {
            NotUnderstood();
            return;
        }

        if (push.Count == 0)
        {
            _observer.Missed(_log.Partition);
            return;
        }

        Notify(push);
    }

    private void Notify(PushReader push)
    {
        while (push.Count > 0)
        {
            if (!push.TryRecord(_sent, out var record, out var isWhole))
            {
                NotUnderstood();
                return;
            }

            if (!isWhole)
                _log.LogRecordUnreadable();

            _observer.Pushed(_log.Partition, push.Generation, record);
        }
    }

    private void NotUnderstood()
    {
        _log.LogPushUnreadable();
        _observer.Missed(_log.Partition);
    }
}
