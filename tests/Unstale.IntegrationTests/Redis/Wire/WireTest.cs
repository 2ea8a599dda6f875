using System.Security.Cryptography;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Wire;

/// <summary>Base of tests with a server, a node of the library, and a bare client.</summary>
public abstract class WireTest : IAsyncLifetime
{
    protected const string Base = "{unstale:shop:0}:";
    protected const string None = "0000000000000000";

    private readonly List<IDisposable> _clients = [];

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    internal RedisServer Server { get; private set; } = null!;

    internal WireNode Node { get; private set; } = null!;

    internal BareClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await RedisServer.StartAsync();
        Node = await WireNode.StartAsync(Server);
        Client = await ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            client.Dispose();
        await Node.DisposeAsync();
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    internal async Task<BareClient> ConnectAsync()
    {
        var client = await BareClient.ConnectAsync(Server);
        _clients.Add(client);
        return client;
    }

    internal async Task<BareClient> SubscribedAsync(string channel)
    {
        var ear = await ConnectAsync();
        Assert.Equal(["subscribe", channel, 1L], await ear.ArrayAsync("SUBSCRIBE", channel));
        return ear;
    }

    protected Task<string> GenerationAsync() => Client.TextAsync("HGET", Base + "ctl", "gen");

    /// <summary>Runs a script of the page. The run id is left empty, so the script reads it.</summary>
    protected Task<object?> RunAsync(string script, params string[] arguments) =>
        Client.CallAsync(WirePage.Call(script, Base, [], arguments));

    /// <summary>Runs a script about one entry of the default cache.</summary>
    protected Task<object?> RunOnAsync(string key, string script, params string[] arguments)
    {
        var (value, lease) = ($"{Base}v:default:{key}", $"{Base}l:default:{key}");
        string[] keys = script switch
        {
            "renew" => [lease],
            _ => [value, lease],
        };
        return Client.CallAsync(WirePage.Call(script, Base, keys, arguments));
    }

    /// <summary>Returns the value of a key without a request for a lease.</summary>
    protected Task<object?> ReadAsync(string key, string generation) => RunOnAsync(key, "get_or_lease", generation, "default", "value", "", "0", "");

    /// <summary>Returns the lease of a key without a read of its value.</summary>
    protected Task<object?> LeaseAsync(string key, string generation, string token = "token") =>
        RunOnAsync(key, "get_or_lease", generation, "default", "lease", token, "10000", "");

    protected static string Hex(int digits) => RandomNumberGenerator.GetHexString(digits, lowercase: true);

    /// <summary>Returns a record of few targets in the form of script arguments given in the page.</summary>
    protected static string[] Record(string id, params string[] targets) =>
        ["8", $"{targets.Length}", "f", "1", "id", id, "at", "1795215650759", "by", "billing-1 billing", .. targets];

    protected async Task<object?> AppendAsync(string id, params string[] targets)
    {
        for (var caches = await CachesAsync(); ;)
        {
            var answer = await Client.CallAsync(WirePage.Call("append", Base, WirePage.Entries(Base, caches, targets), [Hex(32), "100000", "8192", caches, "1", .. Record(id, targets)]));
            if (answer is not object?[] { Length: 1 } changed)
                return answer;
            caches = (string)changed[0]!;
        }
    }

    /// <summary>Returns the caches that the log lists.</summary>
    protected async Task<string> CachesAsync() => (string?)await Client.CallAsync("HGET", Base + "ctl", "caches") ?? "";
}
