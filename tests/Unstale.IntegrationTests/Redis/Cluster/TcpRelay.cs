using System.Net;
using System.Net.Sockets;

namespace Unstale.IntegrationTests.Redis.Cluster;

/// <summary>Relay between nodes and a server. Can cut connections and redirect them to another server.</summary>
internal sealed class TcpRelay : IAsyncDisposable
{
    private const int Portion = 16 * 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly List<TcpClient> _open = [];
    private readonly Task _run;
    private int _target;
    private int _made;
    private volatile TaskCompletionSource? _held;
    private volatile bool _holdsRequests;
    private volatile int _stranded;

    public TcpRelay(int target)
    {
        _target = target;
        _listener.Start();
        _run = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Number of connections let through so far.</summary>
    public int Made => Volatile.Read(ref _made);

    /// <summary>Closes every connection and lets none through until <see cref="LeadTo"/>.</summary>
    public void Cut()
    {
        TcpClient[] open;
        lock (_gate)
        {
            _target = 0;
            open = [.. _open];
            _open.Clear();
        }

        foreach (var client in open)
            client.Dispose();
    }

    /// <summary>Directs new connections to this port. Existing connections continue.</summary>
    public void LeadTo(int target)
    {
        lock (_gate)
            _target = target;
    }

    /// <summary>Delay of each portion of bytes, in milliseconds.</summary>
    public int Latency { get; set; }

    /// <summary>Maximum number of bytes carried at once.</summary>
    public int Slice { get; set; } = Portion;

    /// <summary>Stops the traffic of all connections until <see cref="Release"/>. Connections stay open, and new ones are accepted.</summary>
    /// <param name="repliesOnly">Whether only replies are held while the server still receives requests.</param>
    public void Hold(bool repliesOnly = false)
    {
        _holdsRequests = !repliesOnly;
        _held ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>
    /// Stops the traffic of existing connections for good without closing them, like a firewall that has dropped their state. New connections work.
    /// </summary>
    public void Strand() => _stranded = Made;

    public void Release()
    {
        _held?.TrySetResult();
        _held = null;
    }

    public async ValueTask DisposeAsync()
    {
        Release();
        await _stop.CancelAsync();
        _listener.Dispose();
        Cut();
        await _run;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = CarryAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using var server = new TcpClient();
        try
        {
            if (!Take(client, server, out var target))
                return;
            await server.ConnectAsync(IPAddress.Loopback, target);
            client.NoDelay = server.NoDelay = true;
            var number = Interlocked.Increment(ref _made);
            await Task.WhenAny(PumpAsync(client.GetStream(), server.GetStream(), number, isReply: false), PumpAsync(server.GetStream(), client.GetStream(), number, isReply: true));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // One side has ended, and so does the other.
        }
        finally
        {
            client.Dispose();
        }
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, int number, bool isReply)
    {
        var buffer = new byte[Portion];
        while (await from.ReadAsync(buffer) is var count and > 0)
        {
            if (number <= _stranded)
                continue;
            if (_held is { } held && (isReply || _holdsRequests))
                await held.Task;
            if (Latency > 0)
                await Task.Delay(TimeSpan.FromMilliseconds(Latency), TimeProvider.System);
            for (int at = 0, size; at < count; at += size)
            {
                size = Math.Min(Slice, count - at);
                await to.WriteAsync(buffer.AsMemory(at, size));
            }
        }
    }

    private bool Take(TcpClient client, TcpClient server, out int target)
    {
        lock (_gate)
        {
            target = _target;
            if (target != 0)
                _open.AddRange([client, server]);
            return target != 0;
        }
    }
}
