namespace Unstale.Rules;

/// <summary>Cardinality of a relationship. Informational, without effect.</summary>
public enum RelationshipKind
{
    /// <summary>One user, many sessions.</summary>
    OneToMany,

    /// <summary>One user, one profile.</summary>
    OneToOne,

    /// <summary>Many orders, one customer.</summary>
    ManyToOne,

    /// <summary>Many products, many categories.</summary>
    ManyToMany,
}
