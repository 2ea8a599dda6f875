namespace Unstale.Rules;

/// <summary>When what a rule names is given up.</summary>
public enum InvalidationStrategy
{
    /// <summary>At once: nothing of it is served after the call that raised the change returned.</summary>
    Immediate,

    /// <summary>Collected, and raised together when the window that the first one opened ends.</summary>
    Batched,

    /// <summary>Never served again as fresh, at once; its memory is reclaimed at the next access or by a sweep that comes anyway.</summary>
    Lazy,

    /// <summary>At once, with every key that depends on what is taken.</summary>
    Cascade,
}
