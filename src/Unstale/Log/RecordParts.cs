using System.Text;

namespace Unstale.Log;

/// <summary>
/// Cuts what one event names into records: at most 500 targets, or 16 KB of their text, each. A push stays small enough for any
/// client, whatever the event.
/// </summary>
internal static class RecordParts
{
    private const int MostTargets = 500;
    private const int MostBytes = 16 * 1024;

    public static List<ArraySegment<InvalidationTarget>> Of(InvalidationTarget[] targets)
    {
        var parts = new List<ArraySegment<InvalidationTarget>>();
        var start = 0;
        var bytes = 0;
        for (var i = 0; i < targets.Length; i++)
        {
            var size = Encoding.UTF8.GetByteCount(targets[i].Text);
            if (i > start && (i - start == MostTargets || bytes + size > MostBytes))
            {
                parts.Add(new(targets, start, i - start));
                (start, bytes) = (i, 0);
            }

            bytes += size;
        }

        parts.Add(new(targets, start, targets.Length - start));
        return parts;
    }
}
