using Npgsql;
using Unstale.Log;

namespace Unstale.PostgreSql.Log;

/// <summary>Reads the rows that the functions of the log return.</summary>
internal static class LogReplies
{
    /// <summary>Reads the reply to an append; null if the history is broken.</summary>
    public static async Task<AppendReply?> AppendAsync(NpgsqlDataReader rows, CancellationToken limit) =>
        await rows.ReadAsync(limit).ConfigureAwait(false) && !rows.IsDBNull(0)
            ? new AppendReply(GenerationOf(rows, 0), rows.GetInt64(1), rows.GetInt64(2))
            : null;

    /// <summary>Reads the reply to an append with a version; null if the history is broken.</summary>
    public static async Task<AppendReply?> AppendVersionAsync(NpgsqlDataReader rows, CancellationToken limit) =>
        await rows.ReadAsync(limit).ConfigureAwait(false) && !rows.IsDBNull(0)
            ? new AppendReply(GenerationOf(rows, 0), rows.GetInt64(1), rows.GetInt64(2)) { Version = (VersionState)rows.GetInt32(3), Newest = rows.GetInt64(4) }
            : null;

    public static async Task<LogMembers> MembersAsync(NpgsqlDataReader rows, CancellationToken limit)
    {
        var members = new List<LogMember>();
        var (generation, longest) = (Generation.None, TimeSpan.Zero);
        while (await rows.ReadAsync(limit).ConfigureAwait(false))
        {
            var serves = TimeSpan.FromMilliseconds(rows.GetInt64(3));
            longest = serves > longest ? serves : longest;
            if (rows.IsDBNull(0))
                generation = GenerationOf(rows, 1);
            else
                members.Add(new LogMember(rows.GetString(0), GenerationOf(rows, 1), rows.GetInt64(2), serves) { Confirmation = rows.GetInt64(4) });
        }

        return new LogMembers(generation, members) { LongestServed = longest };
    }

    /// <summary>Reads the reply to a tail.</summary>
    /// <param name="rows">Rows of the function tail.</param>
    /// <param name="unreadable">Called when a record has an unknown format.</param>
    /// <param name="limit">Time limit.</param>
    public static async Task<TailReply> TailAsync(NpgsqlDataReader rows, Action unreadable, CancellationToken limit)
    {
        await rows.ReadAsync(limit).ConfigureAwait(false);
        var state = rows.GetString(0) switch
        {
            "records" => TailState.Records,
            "other" => TailState.OtherGeneration,
            _ => TailState.Broken,
        };
        var head = new TailReply(state, GenerationOf(rows, 1), rows.GetInt64(2), rows.GetInt64(3), []);
        var records = new List<LoggedRecord>();
        while (await rows.ReadAsync(limit).ConfigureAwait(false))
            records.Add(RecordOf(rows, 4, unreadable));
        return head with { Records = records };
    }

    /// <summary>Reads new records, and the generation of the log; none if the log was deleted.</summary>
    /// <param name="rows">Rows of the statement.</param>
    /// <param name="unreadable">Called when a record has an unknown format.</param>
    /// <param name="limit">Time limit.</param>
    public static async Task<(Generation Generation, List<LoggedRecord> Records)> ReadAsync(NpgsqlDataReader rows, Action unreadable, CancellationToken limit)
    {
        var (generation, records) = (Generation.None, new List<LoggedRecord>());
        while (await rows.ReadAsync(limit).ConfigureAwait(false))
        {
            generation = GenerationOf(rows, 0);
            if (!rows.IsDBNull(1))
                records.Add(RecordOf(rows, 1, unreadable));
        }

        return (generation, records);
    }

    public static async Task<long> NumberAsync(NpgsqlDataReader rows, CancellationToken limit) =>
        await rows.ReadAsync(limit).ConfigureAwait(false) ? rows.GetInt64(0) : 0;

    private static LoggedRecord RecordOf(NpgsqlDataReader rows, int column, Action unreadable)
    {
        var record = RecordFormat.Read(rows.GetInt64(column + 1), rows.GetFieldValue<byte[]>(column + 3), out var isWhole);
        if (!isWhole)
            unreadable();
        return new LoggedRecord(rows.GetInt64(column), rows.GetInt64(column + 2), record);
    }

    private static Generation GenerationOf(NpgsqlDataReader rows, int column) =>
        rows.IsDBNull(column) ? Generation.None : GenerationFormat.FromGuid(rows.GetGuid(column));
}
