namespace Unstale;

/// <summary>A factory reads the key that it is filling, directly or through other fills, and would wait for itself.</summary>
public sealed class OwnKeyException : InvalidOperationException
{
    internal OwnKeyException(string message)
        : base(message)
    {
    }
}

/// <summary>
/// This node cannot confirm what it holds, reads go to the source, and more loads wait there than
/// <see cref="UnstaleOptions.UntrustedLoadsWaiting"/> allows.
/// </summary>
public sealed class LoadLimitExceededException : InvalidOperationException
{
    internal LoadLimitExceededException(string message)
        : base(message)
    {
    }
}

/// <summary>The position of an invalidation was asked for that is not in the log yet.</summary>
public sealed class NotAppliedException : InvalidOperationException
{
    internal NotAppliedException(string message)
        : base(message)
    {
    }
}
