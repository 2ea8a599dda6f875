using System.Globalization;
using System.Net.Sockets;
using Unstale.Redis.Connection;
using Unstale.Redis.Log;

namespace Unstale.Redis;

/// <summary>Messages for users of this assembly. Each gives the cause, the setting, its value and the remedy. None contains a password.</summary>
internal static class Errors
{
    /// <summary>Commands that the scripts call.</summary>
    public const string ScriptCommands = "GET, GETRANGE, HDEL, HGET, HGETALL, HLEN, HMGET, HSET, INFO, PEXPIRE, PTTL, PUBLISH, SET, SETRANGE, TIME, TYPE, UNLINK, XADD, XRANGE";

    private const string ClientNameLetters = "one or more visible ASCII characters, and none of = ; & | , ? @ \" '.";

    private const string Refused = "The Redis connection string is invalid: ";

    // The rejected text may be a password in the wrong place: these messages name the setting and its position, and never repeat the text.
    public static FormatException ConnectionStringText() =>
        new(Refused + "it contains a control character or an unpaired surrogate. Check how the string was copied; in a URI, write a control character of a password as %0A and so on.");

    public static FormatException UriScheme() =>
        new(Refused + "its scheme is neither 'redis' nor 'rediss'. Write redis://host:port/database, or rediss:// for TLS.");

    public static FormatException UriUnescaped() =>
        new(Refused + "an '@' follows a '/', '?' or '#'. In a user or password, write these characters as %2F, %3F and %23.");

    public static FormatException UriWithoutPassword() =>
        new(Refused + "the part before the '@' has no ':'. Write user:password@, or :password@ for the default user.");

    public static FormatException UriPercent() =>
        new(Refused + "a '%' in its user or password does not begin a UTF-8 character. Write a literal '%' as %25.");

    public static FormatException UriQuery() =>
        new(Refused + "it has a query or fragment, which is not supported. Only /database may follow the port.");

    public static FormatException HostNotBracketed() =>
        new(Refused + "its host contains a ':'. Write an IPv6 address in brackets, [::1]:6379, and a ':' or '@' of a password in a URI as %3A or %40.");

    public static FormatException NoHost() => new(Refused + "it has no host. Write host:port first.");

    public static FormatException Host() =>
        new(Refused + "its host is neither an address nor a name of ASCII letters, digits, '-', '.' and '_'. Write host:port first, followed by ',' or '/'.");

    public static FormatException Port() => new(Refused + "its port is not a number from 1 to 65535.");

    public static FormatException Database() => new(Refused + "its database is not a number. Nothing may follow the database in a URI.");

    public static FormatException ListPart(int number) => new(Refused + (number == 1
        ? "StackExchange.Redis does not accept it. Compare the string with host:port,password=...,ssl=true."
        : $"its part {number} is not a name=value setting that StackExchange.Redis accepts, or the value has the wrong format. Write hosts first, in lower case, and then settings. "
            + "A ',' in a password requires the redis:// form, written as %2C."));

    public static FormatException ListTwice(int number) => new(Refused + $"the setting of its part {number} occurs twice.");

    public static FormatException ListSpaceAroundPassword() =>
        new(Refused + "its password begins or ends with a space. Remove the space, or write %20 in the redis:// form.");

    public static FormatException SslHostWithoutSsl() => new(Refused + "it has an sslHost without ssl=true.");

    public static FormatException UserWithoutPassword() => new(Refused + "it has a user without a password.");

    public static FormatException EmptyPassword() => new(Refused + "its password is empty. Write a password, or remove the setting.");

    public static FormatException UserText() =>
        new(Refused + "its user is empty, or contains a space or one of = ; & | , ? \" '. Separate settings with ','.");

    public static FormatException ClientName() => new(Refused + "its name is not a valid client name. Expected " + ClientNameLetters);

    public static FormatException NoServer() => new(
        "No Redis server is configured. Pass a connection string to UseRedis, set ConfigurationOptions or ConnectionMultiplexerFactory, or register an IConnectionMultiplexer and call UseRedis() without arguments.");

    public static string MissingConnectionString(string expression) =>
        $"UseRedis received no connection string: {expression} is null or empty.{MissingKey(expression)}";

    public static string ServerTwice(string first, string second) => $"{first} and {second} are both set. Keep one of the two.";

    public static string NoEndPoint => $"{nameof(RedisOptions.ConfigurationOptions)} has no endpoint. Add the server to EndPoints.";

    public static NoConnectionException NoMultiplexer() => new(
        "UseRedis was called without a connection string, and the container has no IConnectionMultiplexer. Register an IConnectionMultiplexer (in Aspire: builder.AddRedisClient), or pass a connection string to UseRedis.");

    public static NoConnectionException FactoryGaveNone(string place) => new($"There is no connection to Redis: {place} returned null. Return a multiplexer that connects by itself.");

    public static NoConnectionException FactoryFailed(string place, Exception why) =>
        new($"There is no connection to Redis: {place} failed with {why.GetType().Name}. The message is not shown, because it may contain a secret: log the exception in the factory.");

    public static NoConnectionException OtherDatabase(string server, int actual, int expected) => new(
        $"The multiplexer of {server} has the default database {actual}, and the cache expects {expected}. Set RedisOptions.Database to {actual}.");

    public const string NoSection = "The section does not exist. Pass the section that contains the options of Redis.";

    public static InvalidOperationException OptionsRefused(string path, string why, Exception? inner) =>
        new($"The Redis options at '{path}' of the configuration are invalid. {why}", inner);

    public static string EmptyKeyPrefix =>
        $"{nameof(RedisOptions.KeyPrefix)} is empty. Set the prefix of the keys on the server, or keep the default '{RedisOptions.DefaultKeyPrefix}'.";

    public static NoConnectionException CannotReach(string server, SocketException why) => new($"Redis at {server} cannot be reached: {why.Message}.", why);

    public static NoConnectionException TlsFailed(string server, Exception why) =>
        new($"The TLS handshake with Redis at {server} failed: {why.Message} "
            + "Check that the port uses TLS, that the certificate is for this host, and that its authority is trusted on this machine.", why);

    public static NoConnectionException NotConnected(string server, Exception? why) =>
        new(why is null ? $"There is no connection to Redis at {server} yet." : $"There is no connection to Redis at {server}: {why.Message}", why);

    public static NoConnectionException ServerIsSentinel(string server) =>
        new($"The server at {server} is a Sentinel, which holds no data. Add serviceName=... to the connection string, so that the client connects to the master of the Sentinel.");

    public static NoConnectionException ServerWithoutStreams(string server) =>
        new($"The server at {server} is Garnet, which has no streams, but the invalidation log requires a stream. Use a Redis or Valkey server, or remove UseRedis: invalidations then stay in this process.");

    public static NoConnectionException LinkOfTwoServers(string server) => new(
        $"Two connections to Redis at {server} reached two different servers. The server is restarting or failing over, or a load balancer is in between: connect to the server that stores the keys.");

    public static CallRefusedException ServerIsReplica(string server) =>
        new($"The server at {server} is a replica and refuses writes, so it cannot confirm this node or accept invalidations, and cached values are not trusted. Connect to its master.", CallErrorKind.ReadOnly);

    public const string EmptyChannel = "Channel is empty. Set the name of the channel; services agree on cache:invalidate.";

    public static ArgumentException ChannelOption(string problem) => new(problem, "configure");

    public static ArgumentException HalfPairInChannel() =>
        new("The name of a channel contains an unpaired surrogate, which UTF-8 cannot represent: two such names would be one channel. Split text between whole characters.", "channel");

    public static ArgumentException HalfPairInMessage() =>
        new("A text of the message contains an unpaired surrogate, which UTF-8 cannot represent. Check where the text was split.", "message");

    public static FormatException ForeignMessageNotObject(Exception? why) => new("The message of the foreign channel is not a JSON object.", why);

    public static FormatException ForeignMessageTooLarge() => new("A message of a foreign channel is longer than 8 MB.");

    public static ArgumentException PayloadTooLarge(int bytes, int most) =>
        new(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The payload has {bytes} bytes; the maximum is {most}. Publish several smaller messages."), "payload");

    public static ArgumentException KeyOfBatch(int at) =>
        new(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"keys[{at}] is null, or contains an unpaired surrogate, which UTF-8 cannot represent. The other keys are published."), "keys");

    public static ArgumentException MessageTooLarge() =>
        new("The message exceeds a limit of readers: 8 MB, 100,000 entity_ids, 64 KB of metadata. Publish several smaller messages.", "message");

    public static FormatException ForeignMessageField(string field) =>
        new($"The message of the foreign channel has no field '{field}', or the field has the wrong type.");

    public static Channel.ChannelException ChannelNotReached(string channel, string server, Exception why) =>
        new($"Channel {channel} at {server}: there is no connection. {why.Message}", why);

    public static Channel.ChannelException NotPublished(string channel, string server, Exception why) =>
        new($"Channel {channel} at {server}: a message was not published, or it is unknown whether it was. {why.Message}", why);

    public static ArgumentException ChannelTwice(string channel) => new($"The channel '{channel}' was added twice. Add it once.", "name");

    public static string ChannelIsForeign(string channel) => $"Channel is '{channel}', which was also added as a foreign channel. Use another channel.";

    public static ArgumentException EmptyAcceptedPrefix() =>
        new("A prefix is empty, which would accept everything. Pass the beginning of the keys, such as user:, or set AcceptEverything.", "prefixes");

    public const string AcceptedAndEverything =
        "Accept or AcceptFrom lists prefixes, and AcceptEverything is true, its default. Set AcceptEverything to false, or remove the prefixes.";

    public static string TooManyAcceptedPrefixes(int count, int most) =>
        string.Create(CultureInfo.InvariantCulture, $"Accept and AcceptFrom list {count} prefixes; the maximum is {most}. Use a shorter prefix in place of several.");

    public static string UnknownScope(ChangeScope scope) => $"Scope is {scope}. Expected Resource or Entity.";

    public static InvalidOperationException ChannelWithoutRedis(string cache) =>
        new($"Cache '{cache}': UseChannel was called without UseRedis. Call UseRedis first: the channel is on the same server.");

    public static NoConnectionException PositionNotRead(string server) =>
        new($"The connection to Redis at {server} is new, and the position of the log has not been read over it yet.");

    public static NoConnectionException OtherPartitionCount(string log, int stored, int own) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Log {log}: the log has {stored} partitions on the server, but this process was started with {own}. Set {nameof(RedisOptions.Partitions)} to {stored}; to change the number, use another log or another {nameof(RedisOptions.KeyPrefix)} in all services."));

    public static NoConnectionException FirstPartitionUnknown(string log, int partition) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Log {log}: partition {partition} has no history yet, and none is begun before partition 0 has confirmed the number of partitions."));

    public static string Partitions(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{nameof(RedisOptions.Partitions)} is {number}. Expected 1 to {Unstale.Values.Errors.MostPartitions}.");

    public static NoConnectionException Superseded(string log) =>
        new($"Log {log}: the server refused a call over a connection that this node has replaced by a newer one.");

    public static UnexpectedReplyException MalformedReply(string script) =>
        new($"The script {script} returned a reply in an unexpected format. Another version of the script, or a proxy, may have replied.");

    public static CallRefusedException CachesChanged(string script, string log) =>
        new(
            $"Log {log}: the list of its caches changed before each of {ListedCaches.MostCalls} calls of the script {script}, which changed nothing. Another program writes to the control hash of the log.",
            CallErrorKind.Other);

    public static InvalidOperationException ValueTooLarge(string cache, long bytes, long limit) =>
        new($"Cache {cache}: a value of {bytes} bytes was not sent to Redis; the maximum is {limit}. Store less under one key, or set MaximumPayloadBytes to this maximum to avoid the attempt.");

    public static InvalidOperationException TagsTooLarge(string cache, int tags) =>
        new($"Cache {cache}: a value of {tags} tags was not sent to Redis; the maximum is 4,000 tags of 65,535 bytes each. Use fewer or shorter tags.");

    public static CallRefusedException HandshakeRefused(string server, string? user, CallErrorKind kind) => new(kind switch
    {
        CallErrorKind.WrongPassword => $"Redis at {server} refused the user '{user ?? "default"}': the user is unknown or disabled, or the password is wrong (WRONGPASS).",
        CallErrorKind.NotAuthenticated => $"Redis at {server} requires a password (NOAUTH). Add the password to the connection string: {server},password=...",
        _ => $"Redis at {server} refused the connection ({kind}).{Advice("HELLO", kind)}",
    }, kind);

    public static CallRefusedException ServerError(string command, string text, CallErrorKind kind) =>
        new($"Redis returned an error for {command}: {text}{Advice(command, kind)}", kind);

    public static OutcomeUnknownException OutcomeUnknown(string command, string connection, Exception why) =>
        new($"{command} was sent to {connection} and its outcome is unknown, because the connection ended: {why.Message}", why);

    public static NoConnectionException NotSent(string command, string connection, Exception why) =>
        new($"{command} was not sent to {connection}, because the connection ended: {why.Message}", why);

    public static CallTimeoutException Timeout(string command, string connection, bool sent, Exception? why = null) =>
        new(sent
            ? $"{command} was sent to {connection}, but no reply was received in time. The outcome of the command is unknown."
            : $"{command} was not sent to {connection}: too many earlier commands received no reply in time.", sent, why);

    public static NoConnectionException ClosedHere(string connection) =>
        new($"{connection} was closed by this process.");

    public static OutcomeUnknownException Abandoned(string command, string connection) =>
        new($"{command} was sent to {connection}, and its caller gave up before the reply was received.", null);

    public static NoConnectionException ConnectionLost(string connection, string why) => new($"The connection to {connection} was lost: {why}.");

    public static NoConnectionException PushesStopped(string log) => new(
        $"Log {log}: the log grows, but its messages are no longer received. The subscription was lost; if this is repeated, a proxy in between does not support Pub/Sub.");

    public static NoConnectionException HandlerFailed(string connection, Exception why) =>
        new($"The link to {connection} was closed because the handler of its messages failed: {why.Message}", why);

    public static UnexpectedReplyException UnexpectedReply(string wanted, RedisReplyType got) =>
        new($"Expected {wanted} from the server but received {got}.");

    private static string MissingKey(string expression)
    {
        var (first, last) = (expression.IndexOf('"', StringComparison.Ordinal), expression.LastIndexOf('"'));
        if (last <= first)
            return " Set it, or call UseRedis() to use the container's IConnectionMultiplexer.";

        var name = expression[(first + 1)..last];
        var key = expression.Contains("GetConnectionString", StringComparison.Ordinal) ? "ConnectionStrings:" + name : name;
        return $" Set {key} in the configuration of the application ({key.Replace(":", "__", StringComparison.Ordinal)} in its environment).";
    }

    private static string Advice(string? command, CallErrorKind kind) => kind switch
    {
        CallErrorKind.NoPermission when command == "EVALSHA" =>
            $" Redis does not report which command was denied: grant the user EVALSHA and all commands that scripts call ({ScriptCommands}), on its keys and channels, with ACL SETUSER.",
        CallErrorKind.NoPermission => $" Grant the user {command}, and the commands that scripts call, on its keys and channels with ACL SETUSER.",
        CallErrorKind.Loading => " The server accepts commands when its data is loaded.",
        CallErrorKind.ReadOnly => " The server is a replica; connect to its master.",
        CallErrorKind.OutOfMemory => " Raise maxmemory, or choose a maxmemory-policy that evicts.",
        CallErrorKind.Busy => " A script has been running for too long; SCRIPT KILL ends the script.",
        CallErrorKind.NoReplicas => " The server has fewer replicas than min-replicas-to-write requires.",
        CallErrorKind.Moved => " The client follows a key that has moved, but not a name in two slots.",
        CallErrorKind.CannotPersist => " The server cannot save to disk; see its log for the reason.",
        _ => "",
    };

    public static string UsedTwice(string setting) =>
        $"UseRedis was called twice with two values of {setting}. Call it once, or leave the setting out of one of the calls.";

    public static string UsedTwice(string setting, string first, string second) =>
        $"UseRedis was called twice, with {setting} {first} and {second}. Call it once, or leave the setting out of one of the calls.";
}
