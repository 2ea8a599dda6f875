namespace Unstale.Telemetry;

/// <summary>Names of exported measurements and activities. They are part of the public contract.</summary>
internal static class Names
{
    /// <summary>Name of the meter and the activity source.</summary>
    public const string Source = "Unstale";

    public const string CacheName = "unstale.cache.name";
    public const string Tag = "unstale.tag";
    public const string LogName = "unstale.log.name";
    public const string LogPartition = "unstale.log.partition";
    public const string SinkName = "unstale.sink.name";
    public const string ChannelName = "unstale.channel.name";
    public const string Outcome = "unstale.outcome";
    public const string Operation = "unstale.operation";
    public const string Origin = "unstale.origin";
    public const string Cause = "unstale.cause";
    public const string Limit = "unstale.limit";
    public const string Kind = "unstale.kind";
    public const string Rule = "unstale.rule.name";
    public const string Strategy = "unstale.rule.strategy";
    public const string EventType = "unstale.event.type";
    public const string Pattern = "unstale.pattern";
}
