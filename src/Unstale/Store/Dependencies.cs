using Unstale.Log;

namespace Unstale.Store;

/// <summary>
/// What a running factory has read: the marks of the keys and all that those entries carried themselves, each once. A factory may read
/// from several threads.
/// </summary>
internal sealed class Dependencies(int maximum)
{
    /// <summary>Up to here a look at each costs less than a set.</summary>
    private const int Few = 16;

    private readonly Lock _gate = new();
    private string[] _names = new string[8];
    private int _count;
    private HashSet<string>? _known;
    private bool _isClosed;

    /// <summary>More was read than may be kept: what is made of it cannot be kept either.</summary>
    public bool IsTooMany { get; private set; }

    public void Add(string key, ReadOnlySpan<string> carried, bool isTooMany)
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            IsTooMany |= isTooMany;
            if (!ContainsMark(key))
                Append(KeyMark.Of(key));
            foreach (var name in carried)
            {
                if (!Contains(name))
                    Append(name);
            }
        }
    }

    /// <summary>The factory has ended: all that was read, and nothing is added any more.</summary>
    public string[] Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            return _count == _names.Length ? _names : _names[.._count];
        }
    }

    private bool ContainsMark(string key) => _known?.Contains(KeyMark.Of(key)) ?? KeyMark.IsAmong(_names.AsSpan(0, _count), key);

    private bool Contains(string name) => _known?.Contains(name) ?? _names.AsSpan(0, _count).Contains(name);

    private void Append(string name)
    {
        if (_count == maximum)
        {
            IsTooMany = true;
            return;
        }

        if (_count == _names.Length)
            Array.Resize(ref _names, _count * 2);
        _names[_count++] = name;
        if (_count > Few)
            (_known ??= new HashSet<string>(_names.AsSpan(0, _count).ToArray(), StringComparer.Ordinal)).Add(name);
    }
}
