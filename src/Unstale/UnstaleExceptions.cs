namespace Unstale;

/// <summary>A factory reads the key that it is filling, directly or through other fills, and would wait for itself.</summary>
public sealed class OwnKeyException : InvalidOperationException
{
    internal OwnKeyException(string message)
        : base(message)
    {
    }
}

/// <summary>This node cannot confirm what it holds, and <see cref="UnstaleOptions.WhenNotTrusted"/> is <see cref="UntrustedReads.Throw"/>.</summary>
public sealed class NotTrustedException : InvalidOperationException
{
    internal NotTrustedException(string message, string log, TimeSpan? sinceConfirmed)
        : base(message)
    {
        Log = log;
        SinceConfirmed = sinceConfirmed;
    }

    /// <summary>The log that does not confirm.</summary>
    public string Log { get; }

    /// <summary>How long ago it last did; null if it never has.</summary>
    public TimeSpan? SinceConfirmed { get; }
}

/// <summary>
/// This node cannot confirm what it holds, or has just forgotten everything; reads go to the source, and more loads wait there than
/// <see cref="UnstaleOptions.UntrustedLoadsWaiting"/> allows.
/// </summary>
public sealed class LoadLimitExceededException : InvalidOperationException
{
    internal LoadLimitExceededException(string message)
        : base(message)
    {
    }
}

/// <summary>
/// A load has taken longer than <see cref="UnstaleEntryOptions.LoadTimeout"/>, or a caller has waited for another caller's load for longer than
/// <see cref="UnstaleEntryOptions.WaitTimeout"/>. The source may still be at work on it.
/// </summary>
public sealed class LoadTimeoutException : TimeoutException
{
    internal LoadTimeoutException(string message, string setting, TimeSpan limit)
        : base(message) => (Setting, Limit) = (setting, limit);

    /// <summary>The limit that has passed: <c>LoadTimeout</c> or <c>WaitTimeout</c>.</summary>
    public string Setting { get; }

    /// <summary>Value of that limit.</summary>
    public TimeSpan Limit { get; }
}

/// <summary>The position of an invalidation was asked for that is not in the log yet.</summary>
public sealed class NotAppliedException : InvalidOperationException
{
    internal NotAppliedException(string message)
        : base(message)
    {
    }
}
