using StackExchange.Redis;

namespace Unstale.Redis.Link;

/// <summary>
/// The multiplexers that links go over: one for tails and pushes, so that neither waits behind a large value, and one for all else. An application
/// that hands over its own has one for both.
/// </summary>
internal sealed class MultiplexerPair : IAsyncDisposable
{
    private readonly bool _isOwned;
    private readonly RedisSettings _settings;

    private MultiplexerPair(RedisSettings settings, IConnectionMultiplexer control, IConnectionMultiplexer data, bool isOwned)
    {
        (_settings, Control, Data, _isOwned) = (settings, control, data, isOwned);
        var given = settings.Configuration ?? Parse(control.Configuration);
        ChannelPrefix = given?.ChannelPrefix is { IsNullOrEmpty: false } prefix ? prefix.ToString() : "";
        Database = settings.Database ?? 0;
        if (settings.Database is null && given?.DefaultDatabase is { } other and not 0)
        {
            throw Errors.OtherDatabase(settings.Place, other, Database);
        }

        ControlInFlight = new(settings.MaximumBytesInFlight, settings.TimeProvider);
        DataInFlight = new(settings.MaximumBytesInFlight, settings.TimeProvider);
        control.ConnectionFailed += Failed;
        control.ConnectionRestored += Restored;
        if (data != control)
        {
            data.ConnectionFailed += Failed;
            data.ConnectionRestored += Restored;
        }
    }

    /// <summary>Called when a connection of either is lost. It comes late at times, and not at all at others.</summary>
    public Action<IConnectionMultiplexer, ConnectionFailedEventArgs>? Lost { get; set; }

    /// <summary>Called when a connection of either stands.</summary>
    public Action? Found { get; set; }

    public IConnectionMultiplexer Control { get; }

    public IConnectionMultiplexer Data { get; }

    public InFlight ControlInFlight { get; }

    public InFlight DataInFlight { get; }

    /// <summary>The client puts it before the names of channels that it subscribes to. Scripts have to do the same.</summary>
    public string ChannelPrefix { get; }

    public int Database { get; }

    /// <summary>Whether the client itself ends calls at the limit of the settings: its own multiplexers do, those of an application may wait longer.</summary>
    public bool EndsCallsInTime => _isOwned;

    /// <summary>The subscriptions of the control multiplexer, by the channel's name. They outlive a link.</summary>
    public Dictionary<string, ChannelMessageQueue> Subscriptions { get; } = new(StringComparer.Ordinal);

    public static async Task<MultiplexerPair> OpenAsync(RedisSettings settings)
    {
        if (settings.Shared is { } shared)
        {
            var one = shared();
            return new(settings, one, one, isOwned: false);
        }

        if (settings.Factory is { } factory)
        {
            var (first, second) = (await MadeAsync(settings, factory).ConfigureAwait(false), await MadeAsync(settings, factory).ConfigureAwait(false));
            return new(settings, first, second, isOwned: false) { _mayDispose = first != second };
        }

        var control = await ConnectionMultiplexer.ConnectAsync(MultiplexerOptions.ForControl(settings)).ConfigureAwait(false);
        try
        {
            var data = await ConnectionMultiplexer.ConnectAsync(MultiplexerOptions.ForData(settings)).ConfigureAwait(false);
            return new(settings, control, data, isOwned: true) { _mayDispose = true };
        }
        catch
        {
            await control.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private bool _mayDispose;

    /// <summary>
    /// Whether a call that ended like this makes the sockets suspect. The client leaves one that brings nothing only after four time-outs, and
    /// nobody can ask it to; new ones show sooner whether the server or the network is silent. Several servers find another way by themselves.
    /// </summary>
    public bool IsSilent(Exception? failure) => EndsCallsInTime && failure is CallTimeoutException && Control.GetServers().Length == 1;

    public async ValueTask DisposeAsync()
    {
        foreach (var multiplexer in Both())
        {
            multiplexer.ConnectionFailed -= Failed;
            multiplexer.ConnectionRestored -= Restored;
        }

        if (!_mayDispose)
        {
            foreach (var subscription in Subscriptions.Values)
            {
                subscription.Unsubscribe(CommandFlags.FireAndForget);
            }

            return;
        }

        foreach (var multiplexer in Both())
        {
            await multiplexer.DisposeAsync().ConfigureAwait(false);
        }
    }

    private IEnumerable<IConnectionMultiplexer> Both() => Control == Data ? [Control] : [Control, Data];

    /// <summary>The message of what a factory throws may hold a token.</summary>
    private static async Task<IConnectionMultiplexer> MadeAsync(RedisSettings settings, Func<Task<IConnectionMultiplexer>> factory)
    {
        IConnectionMultiplexer? made;
        try
        {
            made = await factory().ConfigureAwait(false);
        }
        catch (Exception failed)
        {
            throw Errors.FactoryFailed(settings.Place, failed);
        }

        return made ?? throw Errors.FactoryGaveNone(settings.Place);
    }

    private static ConfigurationOptions? Parse(string text)
    {
        try
        {
            return ConfigurationOptions.Parse(text, ignoreUnknown: true);
        }
        catch (ArgumentException)
        {
            return null; // not one of StackExchange.Redis' own
        }
    }

    private void Failed(object? sender, ConnectionFailedEventArgs e)
    {
        (sender == Control ? ControlInFlight : DataInFlight).Lost();
        if (Control == Data)
        {
            DataInFlight.Lost();
        }

        Lost?.Invoke((IConnectionMultiplexer)sender!, e);
    }

    private void Restored(object? sender, ConnectionFailedEventArgs e) => Found?.Invoke();
}
