using System.Text.Json.Serialization;
using Unstale;

namespace Shop.Http;

/// <summary>Invalidation that concerns a key.</summary>
/// <param name="What">Target and rule of the invalidation.</param>
/// <param name="Reason">Reason given with the invalidation.</param>
/// <param name="Service">Service that raised the invalidation.</param>
/// <param name="Node">Process that raised the invalidation.</param>
/// <param name="Time">Time by the clock of that process.</param>
/// <param name="Position">Position in the log. Left out until the log has accepted the record.</param>
/// <param name="Trace">Id of the trace in which the invalidation was raised.</param>
internal sealed record TakenByAnswer(
    string What,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Service,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Node,
    DateTimeOffset Time,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Position,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Trace)
{
    public static TakenByAnswer Of(ExplainedRecord record) => new(
        record.Target.ToString(), record.Reason, record.Service, record.Node, record.Time, record.Position?.ToString(), record.TraceId);
}
