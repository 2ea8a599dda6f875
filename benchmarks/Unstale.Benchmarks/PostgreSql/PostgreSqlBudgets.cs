using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.PostgreSql;

/// <summary>The log in PostgreSQL beside bare INSERT statements of the same callers, each committed before its caller continues.</summary>
internal static class PostgreSqlBudgets
{
    private const string Key = "product:1234567";
    private const double LeastRatio = 0.5;

    /// <summary>Enumerates lazily, so each line is printed right after the measurement.</summary>
    public static IEnumerable<BudgetLine> Measure(PostgreSqlScale scale)
    {
        using var server = new PrivatePostgres();
        foreach (var callers in new[] { 1, 64 })
            yield return Rate(server, scale, callers);
        foreach (var line in Propagation(server, scale))
            yield return line;
    }

    private static BudgetLine Rate(PrivatePostgres server, PostgreSqlScale scale, int callers)
    {
        using var node = Node(server);
        using var follower = Node(server);
        using var bare = new BareInserts(server.ConnectionString, callers);
        var invalidator = node.GetRequiredService<IInvalidator>();
        var rates = scale.Rounds.Medians(
            () => PerSecond(callers, scale.Slice, async _ => await invalidator.InvalidateKeyAsync(Key).ConfigureAwait(false)),
            () => PerSecond(callers, scale.Slice, bare.InsertAsync));
        return new BudgetLine($"invalidate a key, PostgreSQL, {(callers == 1 ? "1 waiting caller" : $"{callers} waiting callers")}", "/s", rates[0])
        {
            Bare = rates[1], LeastRatio = callers == 1 ? null : LeastRatio,
        };
    }

    private static IEnumerable<BudgetLine> Propagation(PrivatePostgres server, PostgreSqlScale scale)
    {
        using var here = Node(server);
        using var there = Node(server);
        var (writer, reader) = (here.GetRequiredService<UnstaleCache>(), there.GetRequiredService<UnstaleCache>());
        var delays = new double[scale.Probes];
        for (var i = 0; i < delays.Length; i++)
        {
            reader.GetOrCreateAsync(Key, static _ => ValueTask.FromResult(1)).Wait();
            var start = Stopwatch.GetTimestamp();
            var removed = writer.RemoveAsync(Key);
            while (reader.TryGet(Key, out int _))
                Thread.Yield();
            delays[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            removed.Wait();
        }

        Array.Sort(delays);
        yield return new BudgetLine("called to gone on another node, PostgreSQL, idle, p50", "µs", delays[delays.Length / 2]);
        yield return new BudgetLine("called to gone on another node, PostgreSQL, idle, p99", "µs", delays[delays.Length * 99 / 100]);
    }

    /// <summary>Runs an operation of a number of callers for a time, and returns the operations per second.</summary>
    private static double PerSecond(int callers, TimeSpan slice, Func<int, Task> operation)
    {
        var start = Stopwatch.GetTimestamp();
        var counts = Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var count = 0;
            for (; Stopwatch.GetElapsedTime(start) < slice; count++)
                await operation(caller).ConfigureAwait(false);
            return count;
        }))).GetAwaiter().GetResult();
        return counts.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Starts a node, and waits until the log has confirmed its position.</summary>
    private static ServiceProvider Node(PrivatePostgres server)
    {
        var services = new ServiceCollection();
        services.AddUnstale().UsePostgreSqlLog(server.ConnectionString);
        var node = services.BuildServiceProvider();
        var cache = node.GetRequiredService<UnstaleCache>();
        if (!SpinWait.SpinUntil(() => cache.GetLogState().IsTrusted, TimeSpan.FromSeconds(30)))
            throw new InvalidOperationException("The log in PostgreSQL did not confirm the position of the node.");
        return node;
    }

    /// <summary>One open connection with a prepared statement for each caller.</summary>
    private sealed class BareInserts : IDisposable
    {
        private readonly NpgsqlDataSource _source;
        private readonly NpgsqlCommand[] _commands;

        public BareInserts(string connectionString, int callers)
        {
            _source = NpgsqlDataSource.Create(connectionString);
            using (var create = _source.CreateCommand("CREATE TABLE IF NOT EXISTS bare (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text NOT NULL)"))
                create.ExecuteNonQuery();
            _commands = [.. Enumerable.Range(0, callers).Select(_ => Prepared(_source.OpenConnection()))];
        }

        public Task<int> InsertAsync(int caller) => _commands[caller].ExecuteNonQueryAsync();

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
            var command = new NpgsqlCommand("INSERT INTO bare (key) VALUES ($1)", connection);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Key });
            command.Prepare();
            return command;
        }
    }
}
