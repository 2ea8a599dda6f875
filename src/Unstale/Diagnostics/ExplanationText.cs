using System.Globalization;
using Unstale.Log;

namespace Unstale.Diagnostics;

/// <summary>Formats explanations as readable sentences.</summary>
internal static class ExplanationText
{
    public static string Format(KeyExplanation key) => key.State switch
    {
        EntryState.Absent => $"'{key.Key}' is not cached: {Gone(key)}.",
        EntryState.Invalidated => $"'{key.Key}' was invalidated {RemovedBy(key.TakenBy)}.",
        EntryState.Expired => $"'{key.Key}' has expired; it was stored {Ago(key.Age)}.",
        EntryState.NotTrusted => $"'{key.Key}' is cached but not trusted, because the log does not confirm this node; it was stored {Ago(key.Age)}.",
        var state => $"'{key.Key}' is {(state == EntryState.Live ? "live" : "stale: the next read refreshes it")}; it was stored {Ago(key.Age)} and expires in {Seconds(key.ExpiresIn)}.",
    };

    public static string Format(ExplainedRecord record)
    {
        var reason = record.Reason is null ? "" : $", because of '{record.Reason}'";
        var by = record.Node is null ? "raised by this node" : $"raised by {record.Service} (node {record.Node})";
        var place = record.Position is { } position ? $"at {position}" : "not yet appended";
        return string.Create(CultureInfo.InvariantCulture, $"{record.Target}{reason}, {by}, {record.Time.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff}Z, {place}");
    }

    public static string Format(ExplainedTarget target)
    {
        var what = target.Kind == TargetKind.Everything ? "everything" : $"{Kind(target.Kind)} '{target.Text}'";
        var details = new List<string>();
        if (target.Rule is not null)
            details.Add($"rule '{target.Rule}'");
        if (target.Chain is not null)
            details.Add(target.Chain);
        if (target.MadeFrom is not null)
            details.Add($"made from '{target.MadeFrom}'");
        return details.Count == 0 ? what : $"{what} ({string.Join(", ", details)})";
    }

    private static string Gone(KeyExplanation key) => key.Removed switch
    {
        null => "no removed value is recorded",
        { Cause: RemovalCause.Invalidated } removed => $"its last value was removed {Ago(removed.Ago)} {RemovedBy(removed.TakenBy)}",
        { Cause: RemovalCause.NotStored } removed => $"its last value was removed {Ago(removed.Ago)}, when a newer value was loaded that is not stored",
        { Cause: RemovalCause.Expired } removed => $"its last value expired and was removed {Ago(removed.Ago)}",
        var removed => $"its last value was evicted {Ago(removed.Ago)} to limit the size of the cache",
    };

    private static string RemovedBy(ExplainedRecord? record) => record is null ? "by a record that is no longer stored" : $"by {record}";

    private static string Kind(TargetKind kind) => kind switch
    {
        TargetKind.Key => "key",
        TargetKind.Tag => "tag",
        TargetKind.Glob => "glob",
        TargetKind.Regex => "regex",
        TargetKind.Row => "change of a row:",
        _ => "all of the tags",
    };

    private static string Ago(TimeSpan? time) => $"{Seconds(time)} ago";

    private static string Seconds(TimeSpan? time) => string.Create(CultureInfo.InvariantCulture, $"{time.GetValueOrDefault().TotalSeconds:0.0} s");
}
