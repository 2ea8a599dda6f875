namespace Unstale;

/// <summary>Reach of a change.</summary>
public enum ChangeScope
{
    /// <summary>The changed resource, and every list, count or search over its type: the tags <c>product:4</c> and <c>product</c>.</summary>
    Resource,

    /// <summary>Only the changed resource: the tag <c>product:4</c>.</summary>
    Entity,
}
