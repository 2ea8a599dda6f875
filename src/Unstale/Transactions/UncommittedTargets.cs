using Unstale.Log;
using Unstale.Values;

namespace Unstale.Transactions;

/// <summary>Targets collected by an open scope for one log. Checked by the reads of the scope's flow. Used under the ledger's lock.</summary>
internal sealed class UncommittedTargets
{
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private readonly HashSet<string> _tags = new(StringComparer.Ordinal);
    private readonly HashSet<InvalidationTarget> _selector = [];

    /// <summary>Tags that stand for a change of a table of which nothing is known.</summary>
    private readonly HashSet<string> _tables = new(StringComparer.Ordinal);
    private bool _isEverything;

    public void Add(Invalidation known)
    {
        var targets = known.Targets();
        foreach (ref readonly var target in targets.AsSpan())
        {
            Add(target);
            if (target.Kind == TargetKind.Tag && !RowTargets.HasRowOf(targets, target.Text))
                _tables.Add(target.Text);
        }
    }

    private void Add(in InvalidationTarget target)
    {
        switch (target.Kind)
        {
            case TargetKind.Key:
                _keys.Add(target.Text);
                break;
            case TargetKind.Tag:
                _tags.Add(target.Text);
                break;
            case TargetKind.Everything:
                _isEverything = true;
                break;
            default:
                _selector.Add(target);
                break;
        }
    }

    /// <summary>Returns true if a collected target affects an entry with this key and these names (tags and marks).</summary>
    public bool Concerns(ReadOnlySpan<char> key, ReadOnlySpan<string> carried)
    {
        var keys = _keys.GetAlternateLookup<ReadOnlySpan<char>>();
        if (_isEverything || keys.Contains(key) || (carried.Contains(DependencyTag.AnyRecord) && _keys.Count + _tags.Count + _selector.Count > 0))
            return true;
        foreach (var name in carried)
        {
            if (RowTargets.IsPredicateOn(name, _tables))
                return true;
            if (DependencyTag.Is(name) ? keys.Contains(DependencyTag.KeyOf(name)) : _tags.Contains(name))
                return true;
        }

        if (_selector.Count == 0)
            return false;
        var text = key.ToString();
        foreach (var target in _selector)
        {
            if (target.Concerns(text, carried))
                return true;
        }

        return false;
    }
}
