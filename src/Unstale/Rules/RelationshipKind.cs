using System.Text.Json.Serialization;

namespace Unstale.Rules;

/// <summary>Cardinality of a relationship. Informational, without effect.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RelationshipKind>))]
public enum RelationshipKind
{
    /// <summary>One user, many sessions.</summary>
    [JsonStringEnumMemberName("one_to_many")]
    OneToMany,

    /// <summary>One user, one profile.</summary>
    [JsonStringEnumMemberName("one_to_one")]
    OneToOne,

    /// <summary>Many orders, one customer.</summary>
    [JsonStringEnumMemberName("many_to_one")]
    ManyToOne,

    /// <summary>Many products, many categories.</summary>
    [JsonStringEnumMemberName("many_to_many")]
    ManyToMany,
}
