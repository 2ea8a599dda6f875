namespace Unstale;

/// <summary>Thrown when a factory reads the key that it is loading, directly or through other loads. The load would wait for itself.</summary>
public sealed class RecursiveLoadException : InvalidOperationException
{
    internal RecursiveLoadException(string message)
        : base(message)
    {
    }
}

/// <summary>
/// Thrown by a read when this node cannot confirm its entries and <see cref="UnstaleOptions.WhenNotTrusted"/> is <see cref="UntrustedReadBehavior.Throw"/>.
/// </summary>
public sealed class NotTrustedException : InvalidOperationException
{
    internal NotTrustedException(string message, string log, TimeSpan? sinceConfirmed)
        : base(message)
    {
        Log = log;
        SinceConfirmed = sinceConfirmed;
    }

    /// <summary>Name of the log that does not confirm this node.</summary>
    public string Log { get; }

    /// <summary>Time since the log last confirmed this node; null if the log never has.</summary>
    public TimeSpan? SinceConfirmed { get; }
}

/// <summary>
/// Thrown when more loads wait for a slot than a limit allows, or a load has waited too long. Loads are limited by <see cref="UnstaleOptions.LoadLimit"/> and
/// <see cref="UnstaleOptions.PrefixLoadLimits"/>, and by <see cref="UnstaleOptions.MaximumUntrustedLoads"/> while this node cannot confirm its entries, for a short time
/// after a reset, and in a <see cref="UnstaleCache.BypassScope"/>.
/// </summary>
public sealed class LoadRejectedException : InvalidOperationException
{
    internal LoadRejectedException(string message)
        : base(message)
    {
    }
}

/// <summary>
/// Thrown when a load exceeds <see cref="UnstaleEntryOptions.LoadTimeout"/>, or a caller has waited for another caller's load for longer than
/// <see cref="UnstaleEntryOptions.WaitTimeout"/>. The source may still be processing the load.
/// </summary>
public sealed class LoadTimeoutException : TimeoutException
{
    internal LoadTimeoutException(string message, string setting, TimeSpan limit)
        : base(message) => (Setting, Limit) = (setting, limit);

    /// <summary>Name of the exceeded limit: <c>LoadTimeout</c> or <c>WaitTimeout</c>.</summary>
    public string Setting { get; }

    /// <summary>Value of the exceeded limit.</summary>
    public TimeSpan Limit { get; }
}
