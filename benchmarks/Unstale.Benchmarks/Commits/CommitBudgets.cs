using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.PostgreSql;
using Unstale.Benchmarks.Redis;
using Unstale.Benchmarks.Redis.Nodes;
using Unstale.PostgreSql;

namespace Unstale.Benchmarks.Commits;

/// <summary>
/// Delay from the return of a commit until another node no longer serves a value that depends on the row, while all rows are written at a rate: with
/// <c>SaveChanges</c>, whose context raises the change, and with plain statements, which change capture reads. Beside it, the delay until another process
/// receives a bare message that is sent after the same <c>SaveChanges</c>, at the same rate.
/// </summary>
internal static class CommitBudgets
{
    private const double MedianLimit = 500, TailLimit = 5_000, LeastShare = 0.99;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1), Look = TimeSpan.FromMilliseconds(10);

    /// <summary>Enumerates lazily, so each line is printed right after the measurement.</summary>
    public static IEnumerable<BudgetLine> Measure(CommitScale scale)
    {
        using var redis = new PrivateRedis();
        foreach (var (name, isCaptured, isInRedis) in new[]
        {
            ("SaveChanges, log in Redis", false, true), ("SaveChanges, log in PostgreSQL", false, false),
            ("captured, log in Redis", true, true), ("captured, log in PostgreSQL", true, false),
        })
        {
            using var database = new PrivatePostgres("wal_level=logical");
            Action<IUnstaleBuilder> log = isInRedis
                ? builder => builder.UseRedis(redis.EndPoint, static o => o.SecondLevel = false)
                : builder => builder.UsePostgreSqlLog(database.ConnectionString);
            (double[] Delays, double Rate)? bare = isCaptured ? null : Bare(scale, isInRedis ? redis : null);
            var (delays, rate) = isCaptured ? Captured(scale, database, log) : Saved(scale, database, log);
            yield return new($"commit to gone on another node, {name}, p50", "µs", delays.At(0.5)) { Limit = MedianLimit, Bare = bare?.Delays.At(0.5) };
            yield return new($"commit to gone on another node, {name}, p99", "µs", delays.At(0.99)) { Limit = TailLimit, Bare = bare?.Delays.At(0.99) };
            yield return new($"commit to gone on another node, {name}, max", "µs", delays[^1]) { Bare = bare?.Delays[^1] };
            yield return new($"commit to gone on another node, {name}, writes", "/s", rate) { Least = scale.Rate * LeastShare, Bare = bare?.Rate };
        }
    }

    private static (double[] Delays, double Rate) Saved(CommitScale scale, PrivatePostgres database, Action<IUnstaleBuilder> log)
    {
        var times = Create(scale, database);
        using var source = NpgsqlDataSource.Create(database.ConnectionString);
        using var writer = new CommitNode(builder =>
        {
            log(builder);
            builder.Services.AddPooledDbContextFactory<SavedWrites.PriceContext>(options => options.UseNpgsql(source));
            builder.UseEntityFrameworkCore<SavedWrites.PriceContext>();
        });
        using var other = new CommitNode(log);
        using var writes = new SavedWrites(writer.Service<IDbContextFactory<SavedWrites.PriceContext>>(), times);
        return Run(scale, other, times, (_, row) => writes.WriteAsync(row));
    }

    /// <summary>Measures messages over Redis, or over the database.</summary>
    private static (double[] Delays, double Rate) Bare(CommitScale scale, PrivateRedis? redis)
    {
        using var database = new PrivatePostgres("wal_level=logical");
        var times = Create(scale, database);
        using var messages = redis is null ? BareMessages.OverPostgreSql(database.ConnectionString, times.Gone) : BareMessages.OverRedis(redis.EndPoint, times.Gone);
        using var source = NpgsqlDataSource.Create(database.ConnectionString);
        using var services = new ServiceCollection().AddPooledDbContextFactory<SavedWrites.PriceContext>(options => options.UseNpgsql(source)).BuildServiceProvider();
        using var writes = new SavedWrites(services.GetRequiredService<IDbContextFactory<SavedWrites.PriceContext>>(), times);
        PacedWriters.RunAsync(Rows(scale), scale.Rate, async (_, row) =>
        {
            await writes.WriteAsync(row).ConfigureAwait(false);
            await messages.SendAsync(row).ConfigureAwait(false);
        }).GetAwaiter().GetResult();
        if (!times.All.Wait(Limit))
            throw new InvalidOperationException("A message was not received.");
        return Measured(scale, times);
    }

    private static (double[] Delays, double Rate) Captured(CommitScale scale, PrivatePostgres database, Action<IUnstaleBuilder> log)
    {
        var times = Create(scale, database);
        using var reader = new CommitNode(builder =>
        {
            log(builder);
            builder.UsePostgreSqlChangeCapture(o =>
            {
                o.ConnectionString = database.ConnectionString;
                o.AddTable("products");
            });
        });
        var capture = reader.Service<PostgreSqlChangeCapture>();
        capture.SetupAsync().GetAwaiter().GetResult();
        while (!capture.GetStatusAsync().GetAwaiter().GetResult().IsReading)
            Thread.Yield();
        using var other = new CommitNode(log);
        using var writes = new PlainWrites(database.ConnectionString);
        return Run(scale, other, times, async (writer, row) =>
        {
            await writes.WriteAsync(writer, row).ConfigureAwait(false);
            times.Committed(row);
        });
    }

    private static (double[] Delays, double Rate) Run(CommitScale scale, CommitNode other, CommitTimes times, Func<int, int, Task> write)
    {
        var rows = Rows(scale);
        other.Follow(times);
        other.Store(rows);
        if (other.Served(rows) != rows)
            throw new InvalidOperationException("The other node does not hold the values before the writes.");
        PacedWriters.RunAsync(rows, scale.Rate, write).GetAwaiter().GetResult();
        var begin = Stopwatch.GetTimestamp();
        while (!times.All.Wait(Look))
        {
            if (other.Served(rows) == 0)
                times.AllGone();
            else if (Stopwatch.GetElapsedTime(begin) > Limit)
                throw new InvalidOperationException($"The other node serves {other.Served(rows)} of {rows} values from before a commit.");
        }

        return other.Served(rows) == 0
            ? Measured(scale, times)
            : throw new InvalidOperationException("The other node serves a value from before a commit.");
    }

    private static (double[] Delays, double Rate) Measured(CommitScale scale, CommitTimes times)
    {
        var first = scale.Writes(scale.WarmUp) + 1;
        return (times.Microseconds(first, Rows(scale)), times.Rate(first, Rows(scale)));
    }

    private static CommitTimes Create(CommitScale scale, PrivatePostgres database)
    {
        using var source = NpgsqlDataSource.Create(database.ConnectionString);
        using var create = source.CreateCommand(
            "CREATE TABLE products (id int PRIMARY KEY, price int NOT NULL); ALTER TABLE products REPLICA IDENTITY FULL; " +
            $"INSERT INTO products SELECT g, 0 FROM generate_series(1, {Rows(scale)}) g");
        create.ExecuteNonQuery();
        return new(Rows(scale));
    }

    private static int Rows(CommitScale scale) => scale.Writes(scale.WarmUp) + scale.Writes(scale.Duration);
}
