using Unstale.IntegrationTests.Support;
using Unstale.Redis;
using Unstale.Redis.Resp;
using Xunit;

namespace Unstale.IntegrationTests.Redis;

/// <summary>What servers ask for and answer: users, TLS, versions, errors, scripts.</summary>
public sealed class RespServerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_wrong_or_missing_password_is_a_named_error_without_the_password()
    {
        await using var server = await RedisServer.StartAsync("--requirepass", "right-one");

        var wrong = await Assert.ThrowsAsync<RespServerException>(() => ConnectAsync(server.Options with { Credentials = new("bob", "wrong-one") }));
        Assert.Equal(RespErrorKind.WrongPassword, wrong.Kind);
        Assert.Equal($"Redis at {server.EndPoint} refused the user 'bob': the user is unknown or disabled, or the password is wrong (WRONGPASS).", wrong.Message);

        var none = await Assert.ThrowsAsync<RespServerException>(() => ConnectAsync(server.Options));
        Assert.Equal(RespErrorKind.NotAuthenticated, none.Kind);
        Assert.Equal($"Redis at {server.EndPoint} wants a password (NOAUTH). Give it one: redis://:password@{server.EndPoint}.", none.Message);

        await using var connection = await ConnectAsync(RespOptions.Parse($"redis://:right-one@{server.EndPoint}"));
        Assert.Equal("PONG", (await connection.RunAsync("PING")).Text());
    }

    [Fact]
    public async Task A_command_that_the_user_may_not_run_is_named()
    {
        await using var server = await RedisServer.StartAsync("--user", "shop", "on", ">pass", "~*", "&*", "+get", "+eval");
        await using var connection = await ConnectAsync(server.Options with { Credentials = new("shop", "pass") });

        var refused = await Assert.ThrowsAsync<RespServerException>(() => connection.RunAsync("SET", "a", "b"));
        Assert.Equal((RespErrorKind.NoPermission, "SET"), (refused.Kind, refused.Command));
        Assert.Contains("Grant the user SET, and what a script calls, on its keys and channels with ACL SETUSER.", refused.Message, StringComparison.Ordinal);
        var inScript = await Assert.ThrowsAsync<RespServerException>(() => connection.RunAsync("EVAL", "return redis.call('SET', 'a', 'b')", "0"));
        Assert.Equal(RespErrorKind.NoPermission, inScript.Kind);
        Assert.Null(connection.Server.RunId);
        Assert.True((await connection.RunAsync("GET", "a")).IsNull);
    }

    [Fact]
    public async Task A_subscription_that_is_refused_fails_and_leaves_the_replies_in_step()
    {
        await using var server = await RedisServer.StartAsync("--user", "shop", "on", ">pass", "~*", "resetchannels", "&mine", "+@all");
        await using var connection = await ConnectAsync(server.Options with { Credentials = new("shop", "pass") });

        var refused = await Assert.ThrowsAsync<RespServerException>(async () => await connection.SubscribeAsync("other", Token));
        Assert.Equal((RespErrorKind.NoPermission, "SUBSCRIBE"), (refused.Kind, refused.Command));
        await connection.SubscribeAsync("mine", Token);
        Assert.Equal("in step", (await connection.RunAsync("ECHO", "in step")).Text());
    }

    [Fact]
    public async Task Credentials_are_asked_for_before_each_connection_and_renewed_when_due()
    {
        await using var server = await RedisServer.StartAsync("--user", "shop", "on", ">token1", ">token2", "~*", "&*", "+@all");
        var asked = 0;
        var options = server.Options with
        {
            CredentialsSource = _ => ValueTask.FromResult(new RespCredentials("shop", $"token{Math.Min(2, ++asked)}", TimeSpan.FromMilliseconds(50))),
        };
        await using var client = new RespClient(options);
        client.Start();
        var connection = await client.ConnectedAsync(TimeSpan.FromSeconds(20), Token);

        await Eventually.TrueAsync("the credentials are renewed", () => Task.FromResult(asked >= 3));
        Assert.False(connection.WhenClosed.IsCompleted);
        await connection.RunAsync("ACL", "SETUSER", "shop", "<token2");
        var why = await connection.WhenClosed.WaitAsync(Token);
        Assert.Contains("refused the user 'shop'", why.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_callback_for_credentials_that_fails_is_named()
    {
        await using var server = await RedisServer.StartAsync();

        var failed = await Assert.ThrowsAsync<RespConnectionException>(() =>
            ConnectAsync(server.Options with { CredentialsSource = _ => throw new InvalidOperationException("No token.") }));
        Assert.Equal($"The callback for credentials of Redis at {server.EndPoint} failed with InvalidOperationException. Its message is not shown, because it may hold a secret: log it in the callback.", failed.Message);
        Assert.Null(failed.InnerException);
    }

    [Fact]
    public async Task Tls_checks_authority_and_host_name_and_shows_the_client_certificate()
    {
        using var certificates = new Certificates();
        using var client = certificates.Issue("client");
        await using var server = await StartTlsAsync(certificates, "localhost");
        var options = server.Options with
        {
            EndPoint = new("localhost", server.Port),
            Tls = new RespTls { Authorities = [certificates.Authority], ClientCertificate = client },
        };

        await using (var connection = await ConnectAsync(options))
        {
            var value = new string('v', 1_000_000);
            Assert.Equal(value, (await connection.RunAsync("ECHO", value)).Text());
        }

        var strange = await Assert.ThrowsAsync<RespConnectionException>(() => ConnectAsync(options with { Tls = options.Tls with { Authorities = null } }));
        Assert.StartsWith($"Redis at localhost:{server.Port} and this client did not agree on TLS: ", strange.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<RespConnectionException>(() => ConnectAsync(options with { Tls = options.Tls with { ClientCertificate = null } }));
        await Assert.ThrowsAsync<RespConnectionException>(() => ConnectAsync(options with { Tls = null }));
    }

    [Fact]
    public async Task Tls_for_another_host_is_refused_unless_told_otherwise()
    {
        using var certificates = new Certificates();
        using var client = certificates.Issue("client");
        await using var server = await StartTlsAsync(certificates, "other.example");
        var tls = new RespTls { Authorities = [certificates.Authority], ClientCertificate = client };

        await Assert.ThrowsAsync<RespConnectionException>(() => ConnectAsync(server.Options with { Tls = tls }));
        await using var named = await ConnectAsync(server.Options with { Tls = tls with { HostName = "other.example" } });
        await using var unchecked_ = await ConnectAsync(server.Options with { Tls = tls with { CheckHostName = false } });
        using var others = new Certificates();
        await Assert.ThrowsAsync<RespConnectionException>(() =>
            ConnectAsync(server.Options with { Tls = tls with { CheckHostName = false, Authorities = [others.Authority] } }));
    }

    [Fact]
    public async Task A_script_is_loaded_when_the_server_does_not_know_it()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await ConnectAsync(server.Options);
        var script = new RespScript("return {KEYS[1], ARGV[1], tonumber(ARGV[2])}");

        for (var round = 0; round < 2; round++)
        {
            using var command = script.Command(keys: 1).Arg("key").Arg([1, 255]).Arg(7);
            var reply = await script.CallAsync(connection, command, Token);
            Assert.Equal("key", reply.Items[0].Text());
            Assert.Equal([1, 255], reply.Items[1].Bytes);
            Assert.Equal(7, reply.Items[2].Integer);
            await connection.RunAsync("SCRIPT", "FLUSH");
        }
    }

    [Fact]
    public async Task An_error_inside_a_script_keeps_its_kind()
    {
        await using var server = await RedisServer.StartAsync("--maxmemory", "1", "--maxmemory-policy", "noeviction");
        await using var connection = await ConnectAsync(server.Options);

        var full = await Assert.ThrowsAsync<RespServerException>(() => connection.RunAsync("SET", "a", "b"));
        Assert.Equal(RespErrorKind.OutOfMemory, full.Kind);
        Assert.EndsWith("Raise maxmemory, or choose a maxmemory-policy that evicts.", full.Message, StringComparison.Ordinal);
        Assert.Equal(RespErrorKind.OutOfMemory, (await Assert.ThrowsAsync<RespServerException>(() =>
            connection.RunAsync("EVAL", "return redis.call('SET', KEYS[1], 'b')", "1", "a"))).Kind);
    }

    [Fact]
    public async Task Too_few_replicas_a_replica_and_a_busy_script_are_named_errors()
    {
        await using var server = await RedisServer.StartAsync("--min-replicas-to-write", "1", "--lua-time-limit", "1");
        await using var connection = await ConnectAsync(server.Options);

        Assert.Equal(RespErrorKind.NoReplicas, await KindAsync(connection.RunAsync("SET", "a", "b")));
        var endless = server.RunAsync("EVAL", "while true do end", "0");
        await Eventually.TrueAsync("the script is busy", async () =>
        {
            try
            {
                await connection.RunAsync("GET", "a");
                return false;
            }
            catch (RespServerException busy)
            {
                return busy.Kind == RespErrorKind.Busy;
            }
        });
        await connection.RunAsync("SCRIPT", "KILL");
        await Assert.ThrowsAsync<RespServerException>(() => endless);

        await connection.RunAsync("REPLICAOF", "127.0.0.1", "1");
        Assert.Equal(RespErrorKind.ReadOnly, await KindAsync(connection.RunAsync("SET", "a", "b")));
    }

    [Theory]
    [InlineData("LOADING Redis is loading the dataset in memory", RespErrorKind.Loading)]
    [InlineData("MOVED 3999 127.0.0.1:6381", RespErrorKind.Moved)]
    [InlineData("CROSSSLOT Keys in request don't hash to the same slot", RespErrorKind.Moved)]
    [InlineData("MISCONF Redis is configured to save RDB snapshots", RespErrorKind.CannotPersist)]
    [InlineData("CLUSTERDOWN The cluster is down", RespErrorKind.Unavailable)]
    [InlineData("WRONGTYPE Operation against a key", RespErrorKind.WrongType)]
    [InlineData("ERR Error running script (call to f_1): @user_script:1: @user_script: 1: -OOM command not allowed", RespErrorKind.OutOfMemory)]
    [InlineData("ERR The user executing the script can't run this command or subcommand script", RespErrorKind.NoPermission)]
    [InlineData("ERR value is not an integer or out of range", RespErrorKind.Other)]
    [InlineData("READONLY", RespErrorKind.ReadOnly)]
    public void The_kind_is_read_from_the_words_of_every_version(string text, RespErrorKind kind) =>
        Assert.Equal(kind, RespServerError.KindOf(text));

    [Fact]
    public async Task A_missing_database_and_a_cluster_are_named()
    {
        await using var server = await RedisServer.StartAsync("--databases", "2");
        var missing = await Assert.ThrowsAsync<RespConnectionException>(() => ConnectAsync(server.Options with { Database = 2 }));
        Assert.StartsWith($"Redis at {server.EndPoint} has no database 2.", missing.Message, StringComparison.Ordinal);

        await using var cluster = await RedisServer.StartAsync("--cluster-enabled", "yes");
        await using var connection = await ConnectAsync(cluster.Options);
        Assert.Equal("cluster", connection.Server.Mode);
    }

    [Fact]
    public async Task A_server_that_turns_clients_away_is_named()
    {
        await using var server = await RedisServer.StartAsync("--maxclients", "1");
        await using var first = await ConnectAsync(server.Options);

        // Its words may be read as the answer to the greeting, or be lost with the connection that is reset behind them.
        var away = await Assert.ThrowsAnyAsync<RespException>(() => ConnectAsync(server.Options));
        if (away is RespServerException)
            Assert.Contains("max number of clients reached", away.Message, StringComparison.Ordinal);
        else
            Assert.StartsWith($"Redis at {server.EndPoint} took the connection, and then it ended: ", away.Message, StringComparison.Ordinal);
    }

    private static Task<RedisServer> StartTlsAsync(Certificates certificates, string hostName) =>
        RedisServer.StartAsync(
            folder => certificates.WriteTo(folder, hostName),
            "--tls-port", "{port}", "--tls-cert-file", "{folder}/server.crt", "--tls-key-file", "{folder}/server.key",
            "--tls-ca-cert-file", "{folder}/authority.crt", "--tls-auth-clients", "yes");

    private static async Task<RespErrorKind> KindAsync(Task<RespReply> call) => (await Assert.ThrowsAsync<RespServerException>(() => call)).Kind;

    private static Task<RespConnection> ConnectAsync(RespOptions options) => RespConnection.ConnectAsync(options.EndPoint, options, ct: Token);
}
