namespace Unstale.Redis.Resp;

/// <summary>Where a server listens.</summary>
internal sealed record RespEndPoint(string Host, int Port)
{
    public const int DefaultPort = 6379;
    public const int DefaultTlsPort = 6380;

    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
