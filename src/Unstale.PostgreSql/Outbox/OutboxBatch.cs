using System.Text.Json;

namespace Unstale.PostgreSql.Outbox;

/// <summary>Changes of the rows that a relay has locked.</summary>
/// <param name="Rows">Rows that can be read.</param>
/// <param name="Changes">Changes of these rows.</param>
/// <param name="Unreadable">Ids of the other rows, each with the reason.</param>
internal sealed record OutboxBatch(IReadOnlyList<OutboxRow> Rows, IReadOnlyList<Change> Changes, IReadOnlyList<(long Id, string Failure)> Unreadable)
{
    public static OutboxBatch Read(IReadOnlyList<OutboxRow> rows, UnstaleCache cache)
    {
        var readable = new List<OutboxRow>(rows.Count);
        var changes = new List<Change>(rows.Count);
        var unreadable = new List<(long, string)>();
        foreach (var row in rows)
        {
            try
            {
                var change = ChangeJson.Read(row.Json);
                cache.Check(change);
                changes.Add(change);
                readable.Add(row);
            }
            catch (Exception exception) when (exception is FormatException or JsonException or ArgumentException)
            {
                unreadable.Add((row.Id, exception.Message));
            }
        }

        return new(readable, changes, unreadable);
    }

    public long[] Ids() => [.. Rows.Select(static row => row.Id)];
}
