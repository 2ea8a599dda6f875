using Unstale.Log;

namespace Unstale.Sinks;

/// <summary>Translates a record into the kinds of names that a sink supports. An unsupported name is replaced by the next broader one.</summary>
internal sealed class SinkTranslator(SinkCapabilities capabilities)
{
    private readonly List<string> _keys = [];
    private readonly List<string> _tags = [];
    private readonly List<string> _prefixes = [];
    private readonly List<KeyPattern> _patterns = [];
    private readonly List<IReadOnlyList<string>> _allOf = [];
    private bool _everything;

    /// <summary>Number of names replaced by something broader.</summary>
    public int Widened { get; private set; }

    /// <summary>Number of names for which the sink supports no replacement.</summary>
    public int Missed { get; private set; }

    /// <summary>Translates a record. Returns null if the sink supports none of its names.</summary>
    public SinkInvalidation? Translate(in LogPosition position, InvalidationRecord record)
    {
        foreach (ref readonly var target in record.Targets)
            Add(target);
        if (_everything)
            return new SinkInvalidation(position, record) { IsEverything = true };
        return Missed == record.Targets.Length ? null : new SinkInvalidation(position, record)
        {
            Keys = _keys,
            Tags = _tags,
            Prefixes = _prefixes,
            Patterns = _patterns,
            AllOf = _allOf,
        };
    }

    /// <summary>Returns "everything" in place of records not sent one by one; null if unsupported by the sink.</summary>
    public SinkInvalidation? Everything(in LogPosition position)
    {
        if (Can(SinkCapabilities.Everything))
            return new SinkInvalidation(position, null) { IsEverything = true };
        Missed = 1;
        return null;
    }

    private void Add(in InvalidationTarget target)
    {
        switch (target.Kind)
        {
            case TargetKind.Key when Can(SinkCapabilities.Keys):
                _keys.Add(target.Text);
                break;
            case TargetKind.Tag when Can(SinkCapabilities.Tags):
                _tags.Add(target.Text);
                break;
            case TargetKind.Glob or TargetKind.Regex when Can(SinkCapabilities.Patterns):
                _patterns.Add(target.Pattern!);
                break;
            case TargetKind.AllOf when Can(SinkCapabilities.AllOf):
                _allOf.Add(target.Tags);
                break;
            case TargetKind.Everything when Can(SinkCapabilities.Everything):
                _everything = true;
                break;
            default:
                AddBroader(target);
                break;
        }
    }

    private void AddBroader(in InvalidationTarget target)
    {
        if (target.Change is { } change && Can(SinkCapabilities.Tags))
            _tags.Add(change.Table);
        else if (target.Kind == TargetKind.AllOf && target.Tags.Count > 0 && Can(SinkCapabilities.Tags))
            _tags.Add(target.Tags[0]);
        else if (PrefixOf(target) is { Length: > 0 } prefix && Can(SinkCapabilities.Prefixes))
            _prefixes.Add(prefix);
        else if (Can(SinkCapabilities.Everything))
            _everything = true;
        else
        {
            Missed++;
            return;
        }

        Widened++;
    }

    private static string? PrefixOf(in InvalidationTarget target) =>
        target.Kind == TargetKind.Key ? target.Text : (target.Pattern as GlobPattern)?.LiteralPrefix;

    private bool Can(SinkCapabilities ability) => (capabilities & ability) != SinkCapabilities.None;
}
