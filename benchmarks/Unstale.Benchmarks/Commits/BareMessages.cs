using System.Globalization;
using Npgsql;
using StackExchange.Redis;

namespace Unstale.Benchmarks.Commits;

/// <summary>Smallest signal of a commit to another node: one message with the row, sent after the commit and received on another connection.</summary>
internal sealed class BareMessages : IDisposable
{
    private const string Channel = "rows";

    private readonly Action _end;

    private BareMessages(Func<int, Task> send, Action end) => (SendAsync, _end) = (send, end);

    /// <summary>Sends a message. The returned task ends when the server has it.</summary>
    public Func<int, Task> SendAsync { get; }

    /// <summary>Sends messages by <c>PUBLISH</c>.</summary>
    public static BareMessages OverRedis(string endPoint, Action<int> received)
    {
        var (sender, receiver) = (ConnectionMultiplexer.Connect(endPoint), ConnectionMultiplexer.Connect(endPoint));
        var channel = RedisChannel.Literal(Channel);
        receiver.GetSubscriber().Subscribe(channel, (_, row) => received((int)row));
        return new(row => sender.GetDatabase().PublishAsync(channel, row), () =>
        {
            sender.Dispose();
            receiver.Dispose();
        });
    }

    /// <summary>Sends messages by <c>NOTIFY</c>.</summary>
    public static BareMessages OverPostgreSql(string connectionString, Action<int> received)
    {
        var source = NpgsqlDataSource.Create(connectionString);
        var stop = new CancellationTokenSource();
        var listens = new TaskCompletionSource();
        var receiving = ReceiveAsync(connectionString, received, listens, stop.Token);
        listens.Task.GetAwaiter().GetResult();
        return new(
            async row =>
            {
                await using var notify = source.CreateCommand($"SELECT pg_notify('{Channel}', $1)");
                notify.Parameters.Add(new NpgsqlParameter<string> { TypedValue = row.ToString(CultureInfo.InvariantCulture) });
                await notify.ExecuteNonQueryAsync().ConfigureAwait(false);
            },
            () =>
            {
                stop.Cancel();
                receiving.GetAwaiter().GetResult();
                stop.Dispose();
                source.Dispose();
            });
    }

    public void Dispose() => _end();

    private static async Task ReceiveAsync(string connectionString, Action<int> received, TaskCompletionSource listens, CancellationToken stop)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        connection.Notification += (_, message) => received(int.Parse(message.Payload, CultureInfo.InvariantCulture));
        try
        {
            await connection.OpenAsync(stop).ConfigureAwait(false);
            await using var listen = new NpgsqlCommand($"LISTEN {Channel}", connection);
            await listen.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
            listens.SetResult();
            while (true)
                await connection.WaitAsync(stop).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            listens.TrySetException(exception);
            if (exception is not OperationCanceledException)
                throw;
        }
    }
}
