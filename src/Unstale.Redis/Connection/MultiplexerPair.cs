using StackExchange.Redis;
using Unstale.Boundary;

namespace Unstale.Redis.Connection;

/// <summary>
/// Multiplexers of the links: one for tails and pushes, so that neither waits behind a large value, and one for everything else. A multiplexer
/// handed over by the application serves as both.
/// </summary>
internal sealed class MultiplexerPair : IAsyncDisposable
{
    private static readonly TimeSpan RoleRefresh = TimeSpan.FromSeconds(1);

    private readonly bool _isOwned;
    private readonly RedisSettings _settings;
    private readonly CancellationTokenSource _retire = new();
    private readonly TaskCompletionSource<Exception> _retired = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private Exception? _whyRetired;
    private long _refreshed;
    private int _links;

    private MultiplexerPair(RedisSettings settings, IConnectionMultiplexer control, IConnectionMultiplexer data, bool isOwned)
    {
        (_settings, Control, Data, _isOwned) = (settings, control, data, isOwned);
        Retired = _retire.Token;
        var given = settings.Configuration ?? Parse(control.Configuration);
        ChannelPrefix = given?.ChannelPrefix is { IsNullOrEmpty: false } prefix ? prefix.ToString() : "";
        Database = settings.Database ?? 0;
        if (settings.Database is null && given?.DefaultDatabase is { } other and not 0)
            throw Errors.OtherDatabase(settings.Place, other, Database);

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

    /// <summary>Raised when a connection of either multiplexer is lost. The client raises this late at times, and sometimes never.</summary>
    public event EventHandler<ConnectionFailedEventArgs>? Lost;

    /// <summary>Raised when a connection of either multiplexer is restored.</summary>
    public event EventHandler? Found;

    public IConnectionMultiplexer Control { get; }

    public IConnectionMultiplexer Data { get; }

    public InFlight ControlInFlight { get; }

    public InFlight DataInFlight { get; }

    /// <summary>Prefix added by the client to the names of subscribed channels. Scripts must add the same prefix.</summary>
    public string ChannelPrefix { get; }

    public int Database { get; }

    /// <summary>
    /// Whether the client itself ends calls at the limit of the settings. The library's own multiplexers do; a multiplexer of the application may wait longer.
    /// </summary>
    public bool EndsCallsInTime => _isOwned;

    /// <summary>Subscriptions of the control multiplexer, by name of the channel and use by a log. Subscriptions survive the loss of a link.</summary>
    public Dictionary<(string Channel, bool IsOfLog), ChannelMessageQueue> Subscriptions { get; } = [];

    /// <summary>Cancelled when this pair is replaced, or when the owner is disposed.</summary>
    public CancellationToken Retired { get; }

    public bool IsRetired => Retired.IsCancellationRequested;

    /// <summary>Reason for the retirement; null while the multiplexers are in use.</summary>
    public Exception? WhyRetired => Volatile.Read(ref _whyRetired);

    /// <summary>Completes with the reason after the multiplexers are retired and all observers have been notified.</summary>
    public Task<Exception> WhenRetired => _retired.Task;

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

    /// <summary>Retires the multiplexers, and with them every link over them. The first reason counts.</summary>
    /// <param name="why">Reason; null if this process closes the multiplexers.</param>
    public async Task RetireAsync(Exception? why = null)
    {
        why ??= Errors.ClosedHere(_settings.Place);
        if (Interlocked.CompareExchange(ref _whyRetired, why, null) is null)
        {
            _ = await GuardedCancellation.CancelAsync(_retire).ConfigureAwait(false);
            _retired.SetResult(why);
        }
    }

    /// <summary>Adjusts the number of open links.</summary>
    /// <param name="change">1 for a new link, -1 for a closed one.</param>
    public void CountLink(int change) => Interlocked.Add(ref _links, change);

    /// <summary>
    /// Whether only new multiplexers can authenticate, because the client does not repeat authentication by itself. Where several servers share the
    /// multiplexers, a link to a server that accepts the password is not dropped because another server rejects the password.
    /// </summary>
    public bool IsRefused(Exception? failure) =>
        EndsCallsInTime && failure is CallRefusedException { Kind: CallErrorKind.WrongPassword or CallErrorKind.NotAuthenticated }
        && (Volatile.Read(ref _links) == 0 || Control.GetServers().Length == 1);

    /// <summary>
    /// Reads the roles of all servers, at most once a second. The client does so once a minute, and a replica may be promoted by hand.
    /// </summary>
    public async Task RefreshRolesAsync(CancellationToken ct)
    {
        lock (_gate)
        {
            var now = _settings.TimeProvider.GetTimestamp();
            if (_refreshed != 0 && _settings.TimeProvider.GetElapsedTime(_refreshed, now) < RoleRefresh)
                return;

            _refreshed = now;
        }

        await Task.WhenAll(Both().Where(static m => m.IsConnected).Select(m => RefreshRolesAsync(m, ct))).ConfigureAwait(false);
    }

    /// <summary>
    /// Whether the failure of a call makes the sockets suspect. The client abandons a silent socket only after four time-outs, and has no call that
    /// forces this. New sockets show sooner whether the server or the network is silent. Multiplexers with several servers recover by themselves.
    /// </summary>
    public bool IsSilent(Exception? failure) => EndsCallsInTime && failure is CallTimeoutException && Control.GetServers().Length == 1;

    public async ValueTask DisposeAsync()
    {
        await RetireAsync().ConfigureAwait(false);
        await WhenRetired.ConfigureAwait(false);
        _retire.Dispose();
        foreach (var multiplexer in Both())
        {
            multiplexer.ConnectionFailed -= Failed;
            multiplexer.ConnectionRestored -= Restored;
        }

        if (!_mayDispose)
        {
            foreach (var subscription in Subscriptions.Values)
                subscription.Unsubscribe(CommandFlags.FireAndForget);

            return;
        }

        foreach (var multiplexer in Both())
            await multiplexer.DisposeAsync().ConfigureAwait(false);
    }

    private async Task RefreshRolesAsync(IConnectionMultiplexer multiplexer, CancellationToken ct)
    {
        try
        {
            await multiplexer.ConfigureAsync().WaitAsync(_settings.RequestTimeout, _settings.TimeProvider, ct).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The next attempt reports the failure.
        }
    }

    private IEnumerable<IConnectionMultiplexer> Both() => Control == Data ? [Control] : [Control, Data];

    /// <summary>Calls the factory. The message of an exception is hidden, because such a message may contain a token.</summary>
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
            return null; // not a string of StackExchange.Redis
        }
    }

    private void Failed(object? sender, ConnectionFailedEventArgs e)
    {
        (sender == Control ? ControlInFlight : DataInFlight).Lost();
        if (Control == Data)
            DataInFlight.Lost();

        Lost?.Invoke(this, e);
    }

    private void Restored(object? sender, ConnectionFailedEventArgs e) => Found?.Invoke(this, e);
}
