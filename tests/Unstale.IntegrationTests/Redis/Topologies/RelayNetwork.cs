using System.Collections.Concurrent;
using System.Net;
using StackExchange.Redis.Configuration;
using Unstale.IntegrationTests.Redis.Cluster;

namespace Unstale.IntegrationTests.Redis.Topologies;

/// <summary>
/// Routes of one node to every server of a topology, each through a relay that can be cut, reset or held, regardless of the addresses that sentinels
/// and cluster nodes announce.
/// </summary>
internal sealed class RelayNetwork : Tunnel, IAsyncDisposable
{
    private readonly ConcurrentDictionary<int, Lazy<TcpRelay>> _relays = new();
    private volatile bool _isCut;

    public override ValueTask<EndPoint?> GetSocketConnectEndpointAsync(EndPoint endpoint, CancellationToken cancellationToken)
    {
        var port = endpoint switch
        {
            IPEndPoint ip => ip.Port,
            DnsEndPoint dns => dns.Port,
            _ => throw new NotSupportedException($"Expected an address with a port but found {endpoint}."),
        };
        var relay = _relays.GetOrAdd(port, p => new Lazy<TcpRelay>(() => new TcpRelay(_isCut ? 0 : p))).Value;
        return new(new IPEndPoint(IPAddress.Loopback, relay.Port));
    }

    /// <summary>Closes every connection of the node and lets none through until <see cref="Mend"/>.</summary>
    public void Cut()
    {
        _isCut = true;
        foreach (var relay in _relays.Values)
            relay.Value.Cut();
    }

    public void Mend()
    {
        _isCut = false;
        foreach (var (port, relay) in _relays)
            relay.Value.LeadTo(port);
    }

    /// <summary>Closes every connection of the node. New ones are let through.</summary>
    public void Reset()
    {
        Cut();
        Mend();
    }

    /// <summary>Stops all traffic until <see cref="Release"/> while connections stay open, as behind a firewall that lost them.</summary>
    /// <param name="repliesOnly">Whether only replies are held while servers still receive requests.</param>
    public void Hold(bool repliesOnly = false)
    {
        foreach (var relay in _relays.Values)
            relay.Value.Hold(repliesOnly);
    }

    /// <summary>Carries bytes late and in small pieces.</summary>
    public void Slow(int latency, int slice)
    {
        foreach (var relay in _relays.Values)
            (relay.Value.Latency, relay.Value.Slice) = (latency, slice);
    }

    /// <summary>Stops the traffic of existing connections for good. New connections work.</summary>
    public void Strand()
    {
        foreach (var relay in _relays.Values)
            relay.Value.Strand();
    }

    public void Release()
    {
        foreach (var relay in _relays.Values)
            relay.Value.Release();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var relay in _relays.Values)
            await relay.Value.DisposeAsync();
    }
}
