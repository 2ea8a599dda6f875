using StackExchange.Redis;

namespace Unstale.Redis.Link;

/// <summary>The settings of the multiplexers that are made here, over those of the application.</summary>
internal static class MultiplexerOptions
{
    public const string DefaultClientName = "unstale";

    private static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(100);

    // A second loss within seconds waits for the policy, and linear is the only one that stays short.
    private const int ReconnectAfterMilliseconds = 50;

    /// <summary>For tails and pushes: a dead server is left soon, and a new connection is tried at once.</summary>
    public static ConfigurationOptions ForControl(RedisSettings settings)
    {
        var options = Common(settings);
        options.SharedSubscriptionConnection = true; // pushes and tails stay in one order, and the server has one connection less
        return options;
    }

    /// <summary>For values and records.</summary>
    public static ConfigurationOptions ForData(RedisSettings settings) => Common(settings);

    private static ConfigurationOptions Common(RedisSettings settings)
    {
        var options = settings.Configuration!.Clone();
        var limit = (int)settings.RequestTimeout.TotalMilliseconds;
        options.AbortOnConnectFail = true; // the first attempt gives its reason; what comes later reconnects either way
        options.ConnectRetry = 1;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.AllowAdmin = true; // CONFIG GET, for the line about the server's settings
        options.SetClientLibrary = false; // a command that an ACL of Redis 7.0 cannot name
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
