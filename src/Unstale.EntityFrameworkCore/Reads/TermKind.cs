namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Kind of a <see cref="TermTemplate"/>.</summary>
internal enum TermKind
{
    /// <summary>The column has one of the values.</summary>
    Values,

    /// <summary>The column is not below the value.</summary>
    From,

    /// <summary>The column is not above the value.</summary>
    To,
}
