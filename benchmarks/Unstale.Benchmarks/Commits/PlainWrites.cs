using Npgsql;

namespace Unstale.Benchmarks.Commits;

/// <summary>Statements of Npgsql, one open connection for each writer. Each commits before its writer continues.</summary>
internal sealed class PlainWrites : IDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlCommand[] _commands;

    public PlainWrites(string connectionString)
    {
        _source = NpgsqlDataSource.Create(connectionString);
        _commands = [.. Enumerable.Range(0, PacedWriters.Count).Select(_ => Prepared(_source.OpenConnection()))];
    }

    public Task<int> WriteAsync(int writer, int row)
    {
        ((NpgsqlParameter<int>)_commands[writer].Parameters[0]).TypedValue = row;
        return _commands[writer].ExecuteNonQueryAsync();
    }

    public void Dispose()
    {
        foreach (var command in _commands)
        {
            command.Connection!.Dispose();
            command.Dispose();
        }

        _source.Dispose();
    }

    private static NpgsqlCommand Prepared(NpgsqlConnection connection)
    {
        var command = new NpgsqlCommand("UPDATE products SET price = price + 1 WHERE id = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<int>());
        command.Prepare();
        return command;
    }
}
