using System.Text;

namespace Unstale.Log;

/// <summary>
/// Splits the targets of one event into records of at most 500 targets, or 16 KB of target text, each. A push thus remains small enough for any
/// client.
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
