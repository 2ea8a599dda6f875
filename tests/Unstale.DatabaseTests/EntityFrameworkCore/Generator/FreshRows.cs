using System.Data.Common;
using System.Globalization;
using System.Text;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>Rows that captured commands return now: the truth with which cached results are compared, without the costs of Entity Framework Core.</summary>
internal sealed class FreshRows(DbConnection connection)
{
    /// <summary>Returns the rows of each query as a text.</summary>
    public async Task<string[]> ReadAsync(IReadOnlyList<LiveQuery> queries)
    {
        if (!connection.CanCreateBatch)
            return await ReadEachAsync(queries);
        await using var batch = connection.CreateBatch(); // one call of the server
        foreach (var command in queries.SelectMany(static query => query.Commands))
        {
            var one = batch.CreateBatchCommand();
            one.CommandText = command.Text;
            AddCopies(one.Parameters, command);
            batch.BatchCommands.Add(one);
        }

        await using var reader = await batch.ExecuteReaderAsync();
        var texts = new string[queries.Count];
        for (var i = 0; i < texts.Length; i++)
        {
            var text = new StringBuilder();
            for (var command = 0; command < queries[i].Commands.Count; command++)
            {
                await AppendAsync(text, reader, queries[i].HasOrder);
                await reader.NextResultAsync();
            }

            texts[i] = text.ToString();
        }

        return texts;
    }

    private async Task<string[]> ReadEachAsync(IReadOnlyList<LiveQuery> queries)
    {
        var texts = new string[queries.Count];
        for (var i = 0; i < texts.Length; i++)
        {
            var text = new StringBuilder();
            foreach (var command in queries[i].Prepared ??= [.. queries[i].Commands.Select(Prepare)])
            {
                await using var reader = await command.ExecuteReaderAsync();
                await AppendAsync(text, reader, queries[i].HasOrder);
            }

            texts[i] = text.ToString();
        }

        return texts;
    }

    private DbCommand Prepare(CapturedCommand captured)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // the text is that of Entity Framework Core
        command.CommandText = captured.Text;
#pragma warning restore CA2100
        AddCopies(command.Parameters, captured);
        return command;
    }

    private static void AddCopies(DbParameterCollection parameters, CapturedCommand command)
    {
        foreach (var parameter in command.Parameters)
            parameters.Add(CommandCapture.Copy(parameter));
    }

    private static async Task AppendAsync(StringBuilder text, DbDataReader reader, bool hasOrder)
    {
        var rows = new List<string>();
        var row = new StringBuilder();
        while (await reader.ReadAsync())
        {
            row.Clear();
            for (var i = 0; i < reader.FieldCount; i++)
                row.Append(CultureInfo.InvariantCulture, $"{(reader.IsDBNull(i) ? "null" : reader.GetValue(i))};");
            rows.Add(row.ToString());
        }

        if (!hasOrder)
            rows.Sort(StringComparer.Ordinal);
        text.AppendJoin('\n', rows).Append('#');
    }
}
