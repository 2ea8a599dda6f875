namespace Unstale;

/// <summary>How far a change reaches.</summary>
public enum ChangeScope
{
    /// <summary>The one that changed, and every list, count or search over its kind: the tags <c>product:4</c> and <c>product</c>.</summary>
    Resource,

    /// <summary>The one that changed and nothing else: the tag <c>product:4</c>.</summary>
    Entity,
}
