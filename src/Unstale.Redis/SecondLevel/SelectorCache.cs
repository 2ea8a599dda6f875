using System.Diagnostics.CodeAnalysis;
using Unstale.Log;
using Unstale.Redis.Log;

namespace Unstale.Redis.SecondLevel;

/// <summary>
/// Reads the selectors listed by the server and caches the results: until a selector is swept, every get returns it, and building a regular
/// expression takes longer than the get.
/// </summary>
internal sealed class SelectorCache
{
    private const int Most = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<byte[], InvalidationTarget> _known = new(new SameBytes());
    private readonly Dictionary<byte[], InvalidationTarget>.AlternateLookup<ReadOnlySpan<byte>> _lookup;

    public SelectorCache() => _lookup = _known.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>Returns the listed selectors; null if one of them is unreadable, because its matches are unknown.</summary>
    public IReadOnlyList<InvalidationTarget>? Targets(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
            return [];

        var targets = new List<InvalidationTarget>();
        var selectors = new SelectorListReader(text);
        while (selectors.TryNext())
        {
            if (!TryRead(selectors.Kind, selectors.Text, out var target))
                return null;

            targets.Add(target);
        }

        return selectors.HasMore ? null : targets;
    }

    private bool TryRead(ReadOnlySpan<byte> kind, ReadOnlySpan<byte> text, out InvalidationTarget target)
    {
        Span<byte> name = [.. kind, (byte)':', .. text];
        lock (_gate)
        {
            if (_lookup.TryGetValue(name, out target))
                return true;
        }

        if (!TargetFormat.TryRead(kind, text, out target) || target.Kind is not (TargetKind.Glob or TargetKind.Regex or TargetKind.AllOf))
            return false;

        lock (_gate)
        {
            if (_known.Count >= Most)
                _known.Clear();

            _lookup[name] = target;
        }

        return true;
    }

    private sealed class SameBytes : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
