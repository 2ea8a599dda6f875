using System.Net;
using System.Net.Sockets;
using Garnet;

namespace Unstale.IntegrationTests.Redis.Topologies;

/// <summary>Garnet in the test process, on loopback: supports the protocol and Lua, but no streams.</summary>
internal sealed class GarnetRig : IDisposable
{
    private readonly GarnetServer _server;

    public GarnetRig()
    {
        Port = FreePort();
        _server = new GarnetServer(["--port", Port.ToString(), "--bind", "127.0.0.1", "--lua", "--memory", "64m", "--index", "4m", "-q"]);
        _server.Start();
    }

    public int Port { get; }

    public void Dispose() => _server.Dispose();

    private static int FreePort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
