namespace Unstale.Redis.Resp;

/// <summary>The aggregates that are open, outermost first.</summary>
internal sealed class RespFrames(int limit)
{
    private readonly Frame[] _open = new Frame[limit];
    private int _depth;

    /// <summary>Opens an aggregate; true when it is complete because it has no items.</summary>
    public bool Open(RespType type, int items, ref RespReply value)
    {
        if (type == RespType.Push && _depth > 0)
        {
            throw Errors.Malformed("a push stands inside a reply");
        }

        if (items == 0)
        {
            value = RespReply.FromItems(type, []);
            return type != RespType.Attribute;
        }

        if (_depth == _open.Length)
        {
            throw Errors.ReplyTooDeep(limit);
        }

        _open[_depth++] = new Frame(type, new RespReply[items]);
        return false;
    }

    /// <summary>Puts a value where it belongs; true when that completes the outermost, which is then <paramref name="value"/>.</summary>
    public bool Complete(ref RespReply value)
    {
        while (_depth > 0)
        {
            ref var frame = ref _open[_depth - 1];
            frame.Items[frame.Count++] = value;
            if (frame.Count < frame.Items.Length)
            {
                return false;
            }

            value = RespReply.FromItems(frame.Type, frame.Items);
            frame = default;
            _depth--;

            // An attribute only comments the value behind it, and nothing here reads comments.
            if (value.Type == RespType.Attribute)
            {
                return false;
            }
        }

        return true;
    }

    private struct Frame(RespType type, RespReply[] items)
    {
        public readonly RespType Type = type;
        public readonly RespReply[] Items = items;
        public int Count;
    }
}
