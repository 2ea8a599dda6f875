using System.Globalization;
using System.Net.Sockets;
using Unstale.Redis.Link;
using Unstale.Redis.Log;

namespace Unstale.Redis;

/// <summary>Messages for users of this assembly. Each gives the cause, the setting, its value and the remedy. None contains a password.</summary>
internal static class Errors
{
    /// <summary>Commands that the scripts call.</summary>
    public const string ScriptCommands = "GET, GETRANGE, HDEL, HGET, HGETALL, HLEN, HMGET, HSET, INFO, PEXPIRE, PTTL, PUBLISH, SET, SETRANGE, TIME, TYPE, UNLINK, XADD, XRANGE";

    private const string ClientNameLetters = "one or more visible characters of ASCII, and none of = ; & | , ? @ \" '.";

    private const string Refused = "The Redis connection string is refused: ";

    // The rejected text may be a password in the wrong place: these messages name the setting and its position, and never repeat the text.
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

    public static FormatException ListPart(int number) => new(Refused + (number == 1
        ? "StackExchange.Redis does not take it as a whole. Compare it with host:port,password=...,ssl=true."
        : $"its part {number} is no name=value that StackExchange.Redis takes, or its value is of another form. Hosts come first, in small letters, and settings after them. "
            + "A ',' in a password needs the redis:// form, where it is %2C."));

    public static FormatException ListTwice(int number) => new(Refused + $"the setting of its part {number} stands in it twice.");

    public static FormatException ListSpaceAroundPassword() =>
        new(Refused + "its password begins or ends with a space. Remove it, or write it as %20 in the redis:// form.");

    public static FormatException SslHostWithoutSsl() => new(Refused + "it names an sslHost without ssl=true.");

    public static FormatException UserWithoutPassword() => new(Refused + "it names a user without a password.");

    public static FormatException EmptyPassword() => new(Refused + "its password is empty. Write one, or leave it out.");

    public static FormatException UserText() =>
        new(Refused + "its user is empty, or holds a space or one of = ; & | , ? \" '. Settings stand apart by ','.");

    public static FormatException ClientName() => new(Refused + "its name is no client name: " + ClientNameLetters);

    public static FormatException NoServer() => new(
        "No server is named. Give UseRedis a connection string, set ConfigurationOptions or ConnectionMultiplexerFactory, or register an IConnectionMultiplexer and call UseRedis() without arguments.");

    public static string MissingConnectionString(string expression) =>
        $"UseRedis was given no connection string: {expression} is null or empty.{MissingKey(expression)}";

    public static string ServerTwice(string first, string second) => $"{first} and {second} are both set. Keep one of the two.";

    public static string NoEndPoint => $"{nameof(RedisOptions.ConfigurationOptions)} names no endpoint. Add the server to its EndPoints.";

    public static NoConnectionException NoMultiplexer() => new(
        "UseRedis was called without a connection string, and the container has no IConnectionMultiplexer. Register one (in Aspire: builder.AddRedisClient), or give UseRedis a connection string.");

    public static NoConnectionException FactoryGaveNone(string place) => new($"There is no connection to Redis: {place} returned null. Return a multiplexer that connects by itself.");

    public static NoConnectionException FactoryFailed(string place, Exception why) =>
        new($"There is no connection to Redis: {place} failed with {why.GetType().Name}. Its message is not shown, because it may hold a secret: log it in the factory.");

    public static NoConnectionException OtherDatabase(string server, int actual, int expected) => new(
        $"The multiplexer of {server} has the default database {actual}, and the cache expects {expected}. Set RedisOptions.Database to {actual}.");

    public const string NoSection = "There is no such section. Name the section that holds the options of Redis.";

    public static InvalidOperationException OptionsRefused(string path, string why, Exception? inner) =>
        new($"The options at '{path}' of the configuration are refused. {why}", inner);

    public static string EmptyKeyPrefix =>
        $"{nameof(RedisOptions.KeyPrefix)} is empty. Name what the keys on the server begin with, or leave it at '{RedisOptions.DefaultKeyPrefix}'.";

    public static string RequestTimeout(TimeSpan value, TimeSpan least, TimeSpan most) =>
        $"{nameof(RedisOptions.RequestTimeout)} is {value}; it has to be from {least} to {most}.";

    public static string OutOfRange(string setting, int value, int least, int most) =>
        string.Create(CultureInfo.InvariantCulture, $"{setting} is {value}; it has to be from {least} to {most}.");

    public static NoConnectionException CannotReach(string server, SocketException why) => new($"Redis at {server} cannot be reached: {why.Message}.", why);

    public static NoConnectionException TlsFailed(string server, Exception why) =>
        new($"Redis at {server} and this client did not agree on TLS: {why.Message} "
            + "Check that the port speaks TLS, that the certificate is for this host, and that its authority is trusted here.", why);

    public static NoConnectionException NotConnected(string server, Exception? why) =>
        new(why is null ? $"There is no connection to Redis at {server} yet." : $"There is no connection to Redis at {server}: {why.Message}", why);

    public static NoConnectionException ServerIsSentinel(string server) =>
        new($"The server at {server} is a Sentinel, which holds no data. Add serviceName=... to the connection string, and the client asks the Sentinel for the master.");

    public static NoConnectionException ServerWithoutStreams(string server) =>
        new($"The server at {server} is Garnet, which has no streams, and the invalidation log is one. Name a Redis or Valkey server, or leave UseRedis out: invalidations then stay in this process.");

    public static NoConnectionException LinkOfTwoServers(string server) => new(
        $"Redis at {server} gave two connections to two different servers. It restarts or fails over at this moment, or a balancer stands in between: name the server that holds the keys.");

    public static CallRefusedException ServerIsReplica(string server) =>
        new($"The server at {server} is a replica and refuses writes, so nothing can be confirmed or invalidated there and nothing held is trusted. Connect to its master.", CallErrorKind.ReadOnly);

    public const string EmptyChannel = "Channel is empty. Name the channel; services agree on cache:invalidate.";

    public static ArgumentException ChannelOption(string problem) => new(problem, "configure");

    public static ArgumentException HalfPairInChannel() =>
        new("The name of a channel holds half of a surrogate pair, which UTF-8 does not have: two such names would be one channel. Cut text between whole characters.", "channel");

    public static ArgumentException HalfPairInMessage() =>
        new("A text of the message holds half of a surrogate pair, which UTF-8 does not have. Check where it was cut.", "message");

    public static FormatException PlainObject(Exception? why) => new("The message of the plain channel is no JSON object.", why);

    public static FormatException PlainTooLarge() => new("A message of a plain channel is longer than 8 MB.");

    public static ArgumentException PayloadTooLarge(int bytes, int most) =>
        new(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The payload has {bytes} bytes; listeners take {most}. Publish several smaller ones."), "payload");

    public static ArgumentException KeyOfBatch(int at) =>
        new(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"keys[{at}] is null, or holds half of a surrogate pair, which UTF-8 does not have. The other keys are published."), "keys");

    public static ArgumentException MessageTooLarge() =>
        new("The message is larger than readers take: 8 MB, 100,000 entity_ids, 64 KB of metadata. Publish several smaller ones.", "message");

    public static FormatException PlainField(string field) =>
        new($"The message of the plain channel has no field '{field}', or one of another form.");

    public static Channel.ChannelException ChannelNotReached(string channel, string server, Exception why) =>
        new($"Channel {channel} at {server}: there is no connection. {why.Message}", why);

    public static Channel.ChannelException NotPublished(string channel, string server, Exception why) =>
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

    public static NoConnectionException NotAsked(string server) =>
        new($"The connection to Redis at {server} is new, and the log has not yet said over it where it stands.");

    public static NoConnectionException SessionClosed(string log) =>
        new($"Log {log}: the session was closed here before the record was sent.");

    public static NoConnectionException OtherPartitionCount(string log, int stored, int own) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Log {log}: the server holds it in {stored} partitions, and this process was started with {own}. Set {nameof(RedisOptions.Partitions)} to {stored}; to change the number, name another log or another {nameof(RedisOptions.KeyPrefix)} in all services."));

    public static NoConnectionException FirstPartitionUnknown(string log, int partition) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Log {log}: partition {partition} has no history yet, and begins none before partition 0 has confirmed the number of partitions."));

    public static string Partitions(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{nameof(RedisOptions.Partitions)} is {number}. Expected 1 to {Unstale.Errors.MostPartitions}.");

    public static NoConnectionException Superseded(string log) =>
        new($"Log {log}: the server refused a call over a connection that this node has replaced by a newer one.");

    public static UnexpectedReplyException MalformedAnswer(string script) =>
        new($"The script {script} gave an answer of another form than it has. Another version of it, or something in between, may have answered.");

    public static CallRefusedException CachesChanged(string script, string log) =>
        new(
            $"Log {log}: the list of its caches changed before each of {ListedCaches.MostCalls} calls of the script {script}, and nothing was changed. Something else writes the log's control hash.",
            CallErrorKind.Other);

    public static InvalidOperationException ValueTooLarge(string cache, long bytes, long limit) =>
        new($"Cache {cache}: a value of {bytes} bytes was not sent to Redis, which takes {limit} at most here. Store less under one key, or set MaximumPayloadBytes to this, so that it is not tried.");

    public static InvalidOperationException TagsTooLarge(string cache, int tags) =>
        new($"Cache {cache}: a value of {tags} tags was not sent to Redis, which takes 4,000 tags of 65,535 bytes each. Give it fewer or shorter tags.");

    public static CallRefusedException HandshakeRefused(string server, string? user, CallErrorKind kind) => new(kind switch
    {
        CallErrorKind.WrongPassword => $"Redis at {server} refused the user '{user ?? "default"}': the user is unknown or disabled, or the password is wrong (WRONGPASS).",
        CallErrorKind.NotAuthenticated => $"Redis at {server} wants a password (NOAUTH). Give it one: {server},password=...",
        _ => $"Redis at {server} refused the connection ({kind}).{Advice("HELLO", kind)}",
    }, kind);

    public static CallRefusedException ServerError(string command, string text, CallErrorKind kind) =>
        new($"Redis answered {command} with an error: {text}{Advice(command, kind)}", kind);

    public static OutcomeUnknownException OutcomeUnknown(string command, string connection, Exception why) =>
        new($"{command} was sent to {connection} and its outcome is unknown, because the connection ended: {why.Message}", why);

    public static NoConnectionException NotSent(string command, string connection, Exception why) =>
        new($"{command} was not sent to {connection}, because the connection ended: {why.Message}", why);

    public static CallTimeoutException Timeout(string command, string connection, bool sent, Exception? why = null) =>
        new(sent
            ? $"{command} was sent to {connection} and no reply came in time. Its outcome is unknown."
            : $"{command} was not sent to {connection}: too many commands before it had no reply in time.", sent, why);

    public static NoConnectionException ClosedHere(string connection) =>
        new($"{connection} was closed on this side.");

    public static OutcomeUnknownException GivenUp(string command, string connection) =>
        new($"{command} was sent to {connection}, and its caller gave up before the reply came.", null);

    public static NoConnectionException ConnectionLost(string connection, string why) => new($"The connection to {connection} was lost: {why}.");

    public static NoConnectionException PushesStopped(string log) => new(
        $"Log {log}: it grows, and nothing is pushed any more. The subscription was lost on its way; where this comes again and again, something in between does not carry Pub/Sub.");

    public static NoConnectionException HandlerFailed(string connection, Exception why) =>
        new($"The link to {connection} was closed because the handler of its messages failed: {why.Message}", why);

    public static UnexpectedReplyException UnexpectedReply(string wanted, RedisReplyType got) =>
        new($"The server answered with {got} where {wanted} was due.");

    private static string MissingKey(string expression)
    {
        var (first, last) = (expression.IndexOf('"', StringComparison.Ordinal), expression.LastIndexOf('"'));
        if (last <= first)
        {
            return " Set it, or call UseRedis() to use the container's IConnectionMultiplexer.";
        }

        var name = expression[(first + 1)..last];
        var key = expression.Contains("GetConnectionString", StringComparison.Ordinal) ? "ConnectionStrings:" + name : name;
        return $" Set {key} in the configuration of the application ({key.Replace(":", "__", StringComparison.Ordinal)} in its environment).";
    }

    private static string Advice(string? command, CallErrorKind kind) => kind switch
    {
        CallErrorKind.NoPermission when command == "EVALSHA" =>
            $" Redis does not say which command was denied: grant the user EVALSHA and all that scripts call ({ScriptCommands}), on its keys and channels, with ACL SETUSER.",
        CallErrorKind.NoPermission => $" Grant the user {command}, and what a script calls, on its keys and channels with ACL SETUSER.",
        CallErrorKind.Loading => " It will answer when its data is loaded.",
        CallErrorKind.ReadOnly => " The server is a replica; connect to its master.",
        CallErrorKind.OutOfMemory => " Raise maxmemory, or choose a maxmemory-policy that evicts.",
        CallErrorKind.Busy => " A script of someone's runs for too long; SCRIPT KILL ends it.",
        CallErrorKind.NoReplicas => " It lacks the replicas that min-replicas-to-write wants.",
        CallErrorKind.Moved => " The client follows a key that has moved; a name that lies in two slots cannot be followed.",
        CallErrorKind.CannotPersist => " It cannot save to disk; its own log says why.",
        _ => "",
    };

    public static string UsedTwice(string setting) =>
        $"UseRedis was called twice with two values of {setting}. Call it once, or leave the setting out of one of the calls.";

    public static string UsedTwice(string setting, string first, string second) =>
        $"UseRedis was called twice, with {setting} {first} and {second}. Call it once, or leave the setting out of one of the calls.";
}
