using System.Text;
using Npgsql;
using Unstale.Log;

namespace Unstale.PostgreSql.Log;

/// <summary>Statements of one log, as calls of the functions in its schema.</summary>
internal sealed class LogStatements(string schema, string log)
{
    /// <summary>First character of a notification about new records. The rest is the beginning of the log's name.</summary>
    public const char NewRecords = '+';

    /// <summary>First character of a notification that requests a confirmation from every node.</summary>
    public const char Confirm = '?';

    /// <summary>Maximum length of the name in a notification, as in the function members.</summary>
    private const int NotifiedName = 1000;

    private readonly string _append = $"SELECT o_generation, o_first, o_previous_id FROM {schema}.append($1, $2, $3, $4)";
    private readonly string _appendVersion = $"SELECT o_generation, o_sequence, o_previous_id, o_state, o_newest FROM {schema}.append_version($1, $2, $3, $4, $5, $6, $7)";
    private readonly string _tail =
        $"SELECT o_state, o_generation, o_newest, o_last_id, o_sequence, o_id, o_previous_id, o_record FROM {schema}.tail($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    private readonly string _begin = $"SELECT {schema}.begin_history($1, $2, $3)";
    private readonly string _members = $"SELECT o_node, o_generation, o_cursor, o_serves, o_confirmation FROM {schema}.members($1)";
    private readonly string _leave = $"SELECT {schema}.leave($1, $2)";
    private readonly string _trim = $"SELECT {schema}.trim($1, $2, $3)";
    private readonly string _notify = $"SELECT set_config('synchronous_commit', 'off', true), pg_notify('{schema}', '{NewRecords}' || left($1, {NotifiedName}))";
    private readonly string _read =
        $"""
        SELECT l.generation, r.sequence, r.id, r.previous_id, r.record FROM {schema}.logs l LEFT JOIN LATERAL (
          SELECT n.sequence, n.id, n.previous_id, n.record FROM {schema}.records n
          WHERE n.generation = $2 AND l.generation = $2 AND n.sequence > $3 ORDER BY n.sequence LIMIT $4) r ON true
        WHERE l.name = $1 ORDER BY r.sequence
        """;

    public NpgsqlCommand Append(ReadOnlySpan<InvalidationRecord> batch)
    {
        var (ids, records, isEverything) = (new long[batch.Length], new byte[batch.Length][], false);
        for (var i = 0; i < batch.Length; i++)
        {
            (ids[i], records[i]) = (batch[i].Id, RecordFormat.Write(batch[i]));
            isEverything |= batch[i].Targets[0].Kind == TargetKind.Everything;
        }

        return Command(_append).With(log).With(ids).With(records).With(isEverything);
    }

    /// <summary>Creates the append of one record that reports a version.</summary>
    public NpgsqlCommand Append(InvalidationRecord record, KeyVersion version) => Command(_appendVersion)
        .With(log).With(record.Id).With(RecordFormat.Write(record)).With(Encoding.UTF8.GetBytes(version.Cache)).With(Encoding.UTF8.GetBytes(record.Targets[0].Text))
        .With(version.Version).With(version.HasValue);

    public NpgsqlCommand Tail(in TailRequest request, string node, int page, long mostBehind) => Command(_tail)
        .With(log).With(request.Generation).With(request.Cursor).With(request.IdAtCursor).With(request.OwnSequence).With(request.OwnId)
        .With(node).With((long)request.ServesFor.TotalMilliseconds).With(request.Confirms).With(page).With(mostBehind);

    public NpgsqlCommand Read(Generation generation, long after, int page) => Command(_read).With(log).With(generation).With(after).With(page);

    public NpgsqlCommand Begin(Generation instead, Generation generation) => Command(_begin).With(log).With(instead).With(generation);

    public NpgsqlCommand Members() => Command(_members).With(log);

    public NpgsqlCommand Leave(string node) => Command(_leave).With(log).With(node);

    public NpgsqlCommand Trim(Generation generation, long keep, int limit) => Command(_trim).With(generation).With(keep).With(limit);

    public NpgsqlCommand Notify() => Command(_notify).With(log);

    /// <summary>Whether a notification is about this log, or about another with the same beginning of its name.</summary>
    public bool IsOfLog(ReadOnlySpan<char> payload) =>
        payload.Length > 0 && (payload[1..].SequenceEqual(log) || (payload.Length > NotifiedName && log.AsSpan().StartsWith(payload[1..], StringComparison.Ordinal)));

#pragma warning disable CA2100 // The only variable part of a statement is the name of the schema, which SchemaName has checked.
    private static NpgsqlCommand Command(string text) => new(text);
#pragma warning restore CA2100
}
