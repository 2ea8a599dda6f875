using System.Text.Json.Serialization;
using Unstale.Rules;

namespace Shop.Http;

/// <summary>An invalidation that concerns a key.</summary>
/// <param name="What">What it names, and by which rule.</param>
/// <param name="Reason">Why, in the words of who raised it.</param>
/// <param name="Service">The service that raised it.</param>
/// <param name="Node">The process that raised it.</param>
/// <param name="Time">When, by the clock of that process.</param>
/// <param name="Position">Its place in the log. Left out while the log has not taken it.</param>
/// <param name="Trace">The id of the trace in which it was raised.</param>
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
