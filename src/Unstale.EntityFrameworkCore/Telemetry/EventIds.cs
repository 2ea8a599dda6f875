namespace Unstale.EntityFrameworkCore.Telemetry;

/// <summary>Identifiers of the log lines of reads. Part of the public contract, like the names of metrics.</summary>
internal static class EventIds
{
    public const int UsedContext = 150;
    public const int OpenTransaction = 151;
    public const int VolatileQuery = 152;
    public const int QueryOfOtherLog = 153;
}
