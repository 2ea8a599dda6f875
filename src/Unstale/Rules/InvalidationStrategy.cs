using System.Text.Json.Serialization;

namespace Unstale.Rules;

/// <summary>Time at which the targets of a rule are invalidated.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<InvalidationStrategy>))]
public enum InvalidationStrategy
{
    /// <summary>At once. No affected value is served after the call that raised the change has returned.</summary>
    [JsonStringEnumMemberName("immediate")]
    Immediate,

    /// <summary>Collected, and raised together at the end of the window opened by the first target.</summary>
    [JsonStringEnumMemberName("batched")]
    Batched,

    /// <summary>
    /// At once, without a sweep. Affected values are never served as fresh again. Their memory is reclaimed at the next access or by a sweep started
    /// for another reason.
    /// </summary>
    [JsonStringEnumMemberName("lazy")]
    Lazy,

    /// <summary>At once, together with every key that depends on the targets.</summary>
    [JsonStringEnumMemberName("cascade")]
    Cascade,
}
