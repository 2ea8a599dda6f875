namespace Unstale;

/// <summary>What became of a unit of work.</summary>
internal enum ScopeState
{
    /// <summary>Not known yet: it collects.</summary>
    Open,

    /// <summary>It has handed what it collected to the one around it.</summary>
    HandedOn,

    /// <summary>It came about, or nobody knows that it did not.</summary>
    Raised,

    /// <summary>It did not come about.</summary>
    Dropped,
}
