using System.Text;
using System.Text.Unicode;
using Unstale.Log;

namespace Unstale.Redis.Log;

/// <summary>
/// Builds a record from its pairs. A pair that is unknown, malformed or beyond <see cref="RecordLimits"/> turns the record into "everything". The
/// id is preserved if there is one, so that the chain of ids remains unbroken. See <see cref="RecordFormat"/>.
/// </summary>
internal struct RecordReader
{
    private static readonly RecordOrigin Unknown = new("?", "");

    private InvalidationTarget _first;
    private List<InvalidationTarget>? _more;
    private RecordOrigin? _origin;
    private string? _reason;
    private string? _trace;
    private string? _via;
    private RecordFlags _flags;
    private KeyVersion? _version;
    private DateTimeOffset? _time;
    private long? _id;
    private long _bytes;
    private bool _hasFormat;
    private bool _hasTarget;
    private bool _isForeign;

    /// <summary>Whether the record is complete and all pairs were understood.</summary>
    public readonly bool IsWhole => !_isForeign && _hasFormat && _hasTarget && _id is not null && _time is not null && _origin is not null;

    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        _bytes += name.Length + value.Length;
        if (!IsWithinLimits(name, value) || !Utf8.IsValid(value) || !((!_isForeign && TryTarget(name, value)) || TryMeta(name, value)))
        {
            _isForeign = true;
            _more = null;
        }
    }

    /// <summary>Returns the record; the id is 0 if it was unreadable.</summary>
    public readonly InvalidationRecord Record()
    {
        var id = _id ?? 0;
        var origin = _origin ?? Unknown;
        var time = _time ?? DateTimeOffset.UnixEpoch;
        if (!IsWhole)
            return new InvalidationRecord(id, InvalidationTarget.Everything, origin, time, _reason, _trace);

        return _more is null
            ? new InvalidationRecord(id, _first, origin, time, _reason, _trace) { Flags = _flags, Via = _via, Version = _version }
            : new InvalidationRecord(id, [_first, .. _more], origin, time, _reason, _trace) { Flags = _flags, Via = _via, Version = _version };
    }

    /// <summary>Returns whether a pair is within the limits. The id is read beyond the limit as well.</summary>
    private readonly bool IsWithinLimits(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        _bytes <= RecordLimits.Bytes || (name.SequenceEqual("id"u8) && value.Length <= LogEncoding.IdDigits);

    private bool TryMeta(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.SequenceEqual("f"u8))
            return _hasFormat = value.SequenceEqual("1"u8);

        if (name.SequenceEqual("id"u8))
        {
            _id = LogEncoding.TryId(value, out var id) ? id : null;
            return _id is not null;
        }

        if (name.SequenceEqual("at"u8))
            return TryTime(value);

        if (name.SequenceEqual("by"u8))
            return TryOrigin(value);

        if (name.SequenceEqual("why"u8))
        {
            _reason = Encoding.UTF8.GetString(value);
            return true;
        }

        if (name.SequenceEqual("trace"u8))
        {
            _trace = Encoding.UTF8.GetString(value);
            return true;
        }

        return TryRule(name, value);
    }

    private bool TryRule(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.SequenceEqual("how"u8))
            return RecordFlagFormat.TryRead(value, out _flags);

        if (name.SequenceEqual("via"u8))
        {
            _via = Encoding.UTF8.GetString(value);
            return true;
        }

        if (name.SequenceEqual("ver"u8))
        {
            _version = KeyVersionFormat.Parse(value);
            return _version is not null;
        }

        return false;
    }

    private bool TryTime(ReadOnlySpan<byte> value)
    {
        if (!LogEncoding.TryNumber(value, out var at)
            || at < DateTimeOffset.MinValue.ToUnixTimeMilliseconds() || at > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
        {
            return false;
        }

        _time = DateTimeOffset.FromUnixTimeMilliseconds(at);
        return true;
    }

    private bool TryOrigin(ReadOnlySpan<byte> value)
    {
        _origin = OriginCache.Parse(value);
        return _origin is not null;
    }

    private bool TryTarget(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => TargetFormat.TryRead(name, value, out var target) && Add(target);

    private bool Add(in InvalidationTarget target)
    {
        if (_hasTarget)
        {
            _more ??= [];
            if (_more.Count + 1 >= RecordLimits.Targets)
                return false;

            _more.Add(target);
        }
        else
        {
            _first = target;
            _hasTarget = true;
        }

        return true;
    }
}
