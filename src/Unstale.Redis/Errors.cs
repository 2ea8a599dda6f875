using System.Globalization;
using System.Net.Sockets;
using Unstale.Redis.Log;
using Unstale.Redis.Resp;

namespace Unstale.Redis;

/// <summary>Every message that a user of this assembly can meet: what happened, which setting, its value, what to do. None holds a password.</summary>
internal static class Errors
{
    /// <summary>What the scripts call.</summary>
    public const string ScriptCommands = "GET, GETRANGE, HDEL, HGET, HGETALL, HLEN, HMGET, HSET, INFO, PEXPIRE, PTTL, PUBLISH, SET, TIME, UNLINK, XADD, XRANGE";

    private const string ClientNameLetters = "one or more visible characters of ASCII, and none of = ; & | , ? @ \" '.";

    private const string Refused = "The Redis connection string is refused: ";

    // What is refused may be a password in the wrong place: these name the setting and its place, and never repeat the text.
    public static FormatException ConnectionStringText() =>
        new(Refused + "it holds a control character or half of a surrogate pair. Check how it was copied; in a URI, a password writes these as %0A and so on.");

    public static FormatException UriScheme() =>
        new(Refused + "its scheme is neither 'redis' nor 'rediss'. Write redis://host:port/database, or rediss:// for TLS.");

    public static FormatException UriUnescaped() =>
        new(Refused + "an '@' stands behind a '/', '?' or '#'. In a user or password, write these as %2F, %3F and %23.");

    public static FormatException UriWithoutPassword() =>
        new(Refused + "what stands before the '@' has no ':'. Write user:password@, or :password@ for the default user.");

    public static FormatException UriPercent() =>
        new(Refused + "a '%' of its user or password begins no character of UTF-8. Write a '%' itself as %25.");

    public static FormatException UriQuery() =>
        new(Refused + "it has a query or fragment, and takes none. After the port comes /database at most.");

    public static FormatException HostNotBracketed() =>
        new(Refused + "its host holds a ':'. Write an IPv6 address in brackets, [::1]:6379, and a ':' or '@' of a password in a URI as %3A or %40.");

    public static FormatException NoHost() => new(Refused + "it names no host. Write host:port first.");

    public static FormatException Host() =>
        new(Refused + "its host is no name of ASCII letters, digits, '-', '.' and '_', and no address. Write host:port first, and after it ',' or '/'.");

    public static FormatException Port() => new(Refused + "its port is no number from 1 to 65535.");

    public static FormatException Database() => new(Refused + "its database is no number. Nothing may follow it in a URI.");

    public static FormatException ListPart(int number) =>
        new(Refused + $"its part {number} is no known name=value. One server is named, first; then user, password, ssl, sslHost, defaultDatabase, name, "
            + "connectTimeout, asyncTimeout, keepAlive and abortConnect. A ',' in a password needs the redis:// form, where it is %2C.");

    public static FormatException ListTwice(string name) => new(Refused + $"'{name}' stands in it twice.");

    public static FormatException ListTruth(string name) => new(Refused + $"{name} is neither 'true' nor 'false'.");

    public static FormatException ListNumber(string name, string unit) =>
        new(Refused + $"{name} is no number of {unit}, from 1 to 86400000.");

    public static FormatException ListSpaceAroundPassword() =>
        new(Refused + "its password begins or ends with a space. Remove it, or write it as %20 in the redis:// form.");

    public static FormatException SslHostWithoutSsl() => new(Refused + "it names an sslHost without ssl=true.");

    public static FormatException UserWithoutPassword() => new(Refused + "it names a user without a password.");

    public static FormatException EmptyPassword() => new(Refused + "its password is empty. Write one, or leave it out.");

    public static FormatException UserText() =>
        new(Refused + "its user is empty, or holds a space or one of = ; & | , ? \" '. Settings stand apart by ','.");

    public static FormatException ClientName() => new(Refused + "its name is no client name: " + ClientNameLetters);

    public static string CredentialsTwice =>
        $"{nameof(RedisOptions.Credentials)} is set, and {nameof(RedisOptions.Configuration)} holds a password. Keep one of the two.";

    public static string NeedsTls(string setting, string value) =>
        $"{setting} is {value}, and {nameof(RedisOptions.Configuration)} asks for no TLS. Write rediss:// or ssl=true there.";

    public static string HostNameUnchecked(string name) =>
        $"{nameof(RedisOptions.CheckHostName)} is false, and {nameof(RedisOptions.Configuration)} names the sslHost '{name}' to check. Keep one of the two.";

    public static string EmptyKeyPrefix =>
        $"{nameof(RedisOptions.KeyPrefix)} is empty. Name what the keys on the server begin with, or leave it at '{RedisOptions.DefaultKeyPrefix}'.";

    public static string RequestTimeout(TimeSpan value, TimeSpan least, TimeSpan most) =>
        $"{nameof(RedisOptions.RequestTimeout)} is {value}; it has to be from {least} to {most}.";

    public static string OutOfRange(string setting, int value, int least, int most) =>
        string.Create(CultureInfo.InvariantCulture, $"{setting} is {value}; it has to be from {least} to {most}.");

    public static string ClientNameOption => $"{nameof(RedisOptions.ClientName)} is no client name: " + ClientNameLetters;

    public static string NoPrivateKey(string subject) =>
        $"{nameof(RedisOptions.ClientCertificate)} is '{subject}', which has no private key. Load it with its key.";

    public static RespConnectionException CannotReach(RespEndPoint server, SocketException why) =>
        new($"Redis at {server} cannot be reached: {why.Message}.", why);

    public static RespConnectionException TlsFailed(RespEndPoint server, Exception why) =>
        new($"Redis at {server} and this client did not agree on TLS: {why.Message} "
            + "Check that the port speaks TLS, that the certificate is for this host, and that its authority is trusted here.", why);

    public static RespConnectionException ConnectTimeout(RespEndPoint server, TimeSpan limit) =>
        new($"Redis at {server} was not ready within {limit.TotalMilliseconds:0} ms (connectTimeout).");

    public static RespConnectionException HandshakeBroken(RespEndPoint server, Exception why) =>
        new($"Redis at {server} took the connection, and then it ended: {why.Message}", why);

    public static RespConnectionException NotConnected(RespEndPoint server, Exception? why) =>
        new(why is null ? $"There is no connection to Redis at {server} yet." : $"There is no connection to Redis at {server}: {why.Message}", why);

    public static RespConnectionException CredentialsFailed(RespEndPoint server, Exception why) =>
        new($"The callback for credentials of Redis at {server} failed with {why.GetType().Name}. Its message is not shown, because it may hold a secret: log it in the callback.");

    public static RespConnectionException ServerTooOld(RespEndPoint server, Version version) =>
        new($"Redis at {server} has version {version}, and 6.2 is the oldest that works. Update the server.");

    public static RespConnectionException ServerWithoutResp3(RespEndPoint server) =>
        new($"The server at {server} does not speak RESP3. Redis from 6.2 on and Valkey do; a proxy in between may not.");

    public static RespConnectionException ServerIsSentinel(RespEndPoint server) =>
        new($"The server at {server} is a Sentinel, which holds no data. Name the Redis server itself.");

    public static RespConnectionException NoSuchDatabase(RespEndPoint server, int database) =>
        new($"Redis at {server} has no database {database}. Its setting 'databases' says how many it has; a Cluster has 0 alone.");

    public static RespConnectionException LinkOfTwoServers(RespEndPoint server) =>
        new($"Redis at {server} gave two connections to two different servers. It restarts or fails over at this moment, or a proxy or balancer "
            + "stands in between: then set BehindProxy.");

    public const string EmptyChannel = "Channel is empty. Name the channel; services agree on cache:invalidate.";

    public static ArgumentException ChannelOption(string problem) => new(problem, "configure");

    public static ArgumentException HalfPairInChannel() =>
        new("The name of a channel holds half of a surrogate pair, which UTF-8 does not have: two such names would be one channel. Cut text between whole characters.", "channel");

    public static ArgumentException HalfPairInMessage() =>
        new("A text of the message holds half of a surrogate pair, which UTF-8 does not have. Check where it was cut.", "message");

    public static FormatException PlainObject(Exception? why) => new("The message of the plain channel is no JSON object.", why);

    public static FormatException PlainTooLarge() => new("A message of a plain channel is longer than 8 MB.");

    public static ArgumentException MessageTooLarge() =>
        new("The message is larger than readers take: 8 MB, 100,000 entity_ids, 64 KB of metadata. Publish several smaller ones.", "message");

    public static FormatException PlainField(string field) =>
        new($"The message of the plain channel has no field '{field}', or one of another form.");

    public static Channel.ChannelException ChannelNotReached(string channel, RespEndPoint server, Exception why) =>
        new($"Channel {channel} at {server}: there is no connection. {why.Message}", why);

    public static Channel.ChannelException NotPublished(string channel, RespEndPoint server, Exception why) =>
        new($"Channel {channel} at {server}: a message was not published, or it is unknown whether it was. {why.Message}", why);

    public static ArgumentException ChannelTwice(string channel) => new($"The channel '{channel}' was added twice. Add it once.", "name");

    public static string ChannelIsPlain(string channel) => $"Channel is '{channel}', which was added as a plain channel too. Name another one.";

    public static ArgumentException EmptyAcceptedPrefix() =>
        new("A prefix is empty, which accepts everything. Name what keys begin with, such as user:, or set AcceptEverything.", "prefixes");

    public const string AcceptedAndEverything =
        "Accept or AcceptFrom lists prefixes, and AcceptEverything is true, its default. Set AcceptEverything to false, or list none.";

    public static string TooManyAcceptedPrefixes(int count, int most) =>
        string.Create(CultureInfo.InvariantCulture, $"Accept and AcceptFrom list {count} prefixes, and {most} is the most. Name what several of them begin with.");

    public static string UnknownScope(ChangeScope scope) => $"Scope is {scope}, and is Resource or Entity.";

    public static InvalidOperationException ChannelWithoutRedis(string cache) =>
        new($"Cache '{cache}': UseChannel was called without UseRedis. Call UseRedis first; the channel is on its server.");

    public static RespConnectionException NotAsked(RespEndPoint server) =>
        new($"The connection to Redis at {server} is new, and the log has not yet said over it where it stands.");

    public static RespConnectionException SessionClosed(string log) =>
        new($"Log {log}: the session was closed here before the record was sent.");

    public static RespConnectionException Superseded(string log) =>
        new($"Log {log}: the server refused a call over a connection that this node has replaced by a newer one.");

    public static RespReplyException MalformedAnswer(string script) =>
        new($"The script {script} gave an answer of another form than it has. Another version of it, or something in between, may have answered.");

    public static RespServerException CachesChanged(string script, string log) =>
        new(
            $"Log {log}: the list of its caches changed before each of {ListedCaches.MostCalls} calls of the script {script}, and nothing was changed. Something else writes the log's control hash.",
            RespErrorKind.Other,
            "EVALSHA");

    public static InvalidOperationException ValueTooLarge(string cache, long bytes, long limit) =>
        new($"Cache {cache}: a value of {bytes} bytes was not sent to Redis, which takes {limit} at most here. Store less under one key, or set MaximumPayloadBytes to this, so that it is not tried.");

    public static InvalidOperationException TagsTooLarge(string cache, int tags) =>
        new($"Cache {cache}: a value of {tags} tags was not sent to Redis, which takes 4,000 tags of 65,535 bytes each. Give it fewer or shorter tags.");

    public static RespServerException WrongPassword(RespEndPoint server, RespCredentials? credentials) =>
        new($"Redis at {server} refused the user '{credentials?.EffectiveUser}': the user is unknown or disabled, or the password is wrong (WRONGPASS).",
            RespErrorKind.WrongPassword, "HELLO");

    public static RespServerException PasswordWanted(RespEndPoint server) =>
        new($"Redis at {server} wants a password (NOAUTH). Give it one: redis://:password@{server}.", RespErrorKind.NotAuthenticated, "HELLO");

    public static RespServerException HandshakeRefused(RespEndPoint server, RespErrorKind kind) =>
        new($"Redis at {server} refused the handshake ({kind}). Its words are not shown, because they may hold the password.{Advice("HELLO", kind)}", kind, "HELLO");

    public static RespServerException TooManyClients(RespEndPoint server) =>
        new($"Redis at {server} has reached its limit of clients. Raise maxclients, or end some.", RespErrorKind.Other, "HELLO");

    public static RespServerException ProtectedMode(RespEndPoint server) =>
        new($"Redis at {server} runs in protected mode, and takes connections of its own machine alone. Give it a password, or bind it to an address.", RespErrorKind.Other, "HELLO");

    public static RespServerException ServerError(string? command, string text, RespErrorKind kind) =>
        new($"Redis answered {command ?? "the connection"} with an error: {text}{Advice(command, kind)}", kind, command);

    public static RespOutcomeUnknownException OutcomeUnknown(string command, string connection, Exception why) =>
        new($"{command} was sent to {connection} and its outcome is unknown, because the connection ended: {why.Message}", why);

    public static RespConnectionException NotSent(string command, string connection, Exception why) =>
        new($"{command} was not sent to {connection}, because the connection ended: {why.Message}", why);

    public static RespTimeoutException Timeout(string command, string connection, bool sent) =>
        new(sent
            ? $"{command} was sent to {connection} and no reply came in time. Its outcome is unknown."
            : $"{command} was not sent to {connection}: too many commands before it had no reply in time.", sent);

    public static RespConnectionException ClosedHere(string connection) =>
        new($"{connection} was closed on this side.");

    public static RespConnectionException ClosedByServer(string connection) =>
        new($"{connection} was closed by the server. It stopped, restarted, killed the client, or its limit of clients or output was reached.");

    public static RespConnectionException ConnectionLost(string connection, Exception why) =>
        new($"{connection} was lost: {why.Message}", why);

    public static RespConnectionException KeepAliveFailed(string connection, Exception why) =>
        new($"{connection} was given up: {why.Message}", why);

    public static RespConnectionException HandlerFailed(string connection, Exception why) =>
        new($"{connection} was closed because the handler of its messages failed: {why.Message}", why);

    public static RespProtocolException Malformed(string what) =>
        new($"The server sent a malformed reply: {what}. Something else than Redis may listen there, or speak in between.");

    public static RespProtocolException UnaskedReply() =>
        new("The server sent a reply to no command. Something may speak in between.");

    public static RespProtocolException ReplyTooLarge(long limit) =>
        new($"The server sent a reply larger than {limit} bytes, which is the limit.");

    public static RespProtocolException ReplyTooDeep(int limit) =>
        new($"The server sent a reply nested deeper than {limit}, which is the limit.");

    public static RespProtocolException LineTooLong(int limit) =>
        new($"The server sent a line longer than {limit} bytes, which is the limit.");

    public static RespReplyException UnexpectedReply(string wanted, RespType got) =>
        new($"The server answered with {got} where {wanted} was due.");

    private static string Advice(string? command, RespErrorKind kind) => kind switch
    {
        RespErrorKind.NoPermission when command == "EVALSHA" =>
            $" Redis does not say which command was denied: grant the user EVALSHA and all that scripts call ({ScriptCommands}), on its keys and channels, with ACL SETUSER.",
        RespErrorKind.NoPermission => $" Grant the user {command}, and what a script calls, on its keys and channels with ACL SETUSER.",
        RespErrorKind.Loading => " It will answer when its data is loaded.",
        RespErrorKind.ReadOnly => " The server is a replica; connect to its master.",
        RespErrorKind.OutOfMemory => " Raise maxmemory, or choose a maxmemory-policy that evicts.",
        RespErrorKind.Busy => " A script of someone's runs for too long; SCRIPT KILL ends it.",
        RespErrorKind.NoReplicas => " It lacks the replicas that min-replicas-to-write wants.",
        RespErrorKind.Moved => " The server is a node of a Cluster, which this connection does not follow.",
        RespErrorKind.CannotPersist => " It cannot save to disk; its own log says why.",
        _ => "",
    };

    public static string UsedTwice(string setting) =>
        $"UseRedis was called twice with two values of {setting}. Call it once, or leave the setting out of one of the calls.";

    public static string UsedTwice(string setting, string first, string second) =>
        $"UseRedis was called twice, with {setting} {first} and {second}. Call it once, or leave the setting out of one of the calls.";
}
