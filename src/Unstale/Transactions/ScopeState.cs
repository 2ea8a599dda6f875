namespace Unstale.Transactions;

/// <summary>State of a unit of work.</summary>
internal enum ScopeState
{
    /// <summary>Undecided: calls are collected.</summary>
    Open,

    /// <summary>The collected calls were handed to the outer unit of work.</summary>
    HandedOn,

    /// <summary>The work was committed, or a rollback is not certain.</summary>
    Raised,

    /// <summary>The work was not committed.</summary>
    Dropped,
}
