using StackExchange.Redis;

namespace Unstale.Redis.Connection;

/// <summary>Settings of the library's own multiplexers, on top of the settings of the application.</summary>
internal static class MultiplexerOptions
{
    public const string DefaultClientName = "unstale";

    private static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(100);

    // After a second loss within seconds the client waits as the policy demands, and only the linear policy stays short.
    private const int ReconnectAfterMilliseconds = 50;

    /// <summary>Returns the options for tails and pushes: a dead server is abandoned soon, and a new connection is attempted at once.</summary>
    public static ConfigurationOptions ForControl(RedisSettings settings)
    {
        var options = Common(settings);
        options.SharedSubscriptionConnection = true; // pushes and tails stay in one order, and the server has one connection less
        return options;
    }

    /// <summary>Returns the options for values and records.</summary>
    public static ConfigurationOptions ForData(RedisSettings settings) => Common(settings);

    private static ConfigurationOptions Common(RedisSettings settings)
    {
        var options = settings.Configuration!.Clone();
        var limit = (int)settings.RequestTimeout.TotalMilliseconds;
        options.AbortOnConnectFail = true; // the first attempt reports its reason; later attempts reconnect either way
        options.ConnectRetry = 1;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.AllowAdmin = true; // CONFIG GET, for the line about the server's settings
        options.SetClientLibrary = false; // avoids a command unknown to the ACL of Redis 7.0
        options.TieBreaker = "";
        options.ConfigurationChannel = "";
        options.ConnectionAttemptCompleted += (_, attempt) => settings.Attempts.Note(attempt);
        options.ClientName ??= DefaultClientName;
        options.AsyncTimeout = options.SyncTimeout = limit;
        options.HeartbeatInterval = Heartbeat;
        options.ReconnectRetryPolicy = new LinearRetry(ReconnectAfterMilliseconds);
        options.IncludeDetailInExceptions = false;
        return options;
    }
}
