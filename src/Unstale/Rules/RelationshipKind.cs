namespace Unstale.Rules;

/// <summary>How many of the one belong to how many of the other. For people: it changes nothing.</summary>
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
