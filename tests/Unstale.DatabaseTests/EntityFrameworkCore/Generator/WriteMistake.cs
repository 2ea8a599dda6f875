namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>Mistake of a writer that the comparison must find.</summary>
public enum WriteMistake
{
    None,

    /// <summary>The changes are raised before the rows are committed.</summary>
    RaisedBeforeCommit,

    /// <summary>The changes have no values from before the write.</summary>
    OldValuesIgnored,

    /// <summary>A column that filters rows is not among the changed ones.</summary>
    FilterColumnForgotten,
}
