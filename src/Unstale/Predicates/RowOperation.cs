namespace Unstale.Predicates;

/// <summary>Operation of a <see cref="RowChange"/>.</summary>
internal enum RowOperation
{
    /// <summary>Row inserted, with <see cref="RowChange.New"/>.</summary>
    Insert,

    /// <summary>Row updated, with <see cref="RowChange.Old"/> and <see cref="RowChange.New"/>.</summary>
    Update,

    /// <summary>Row deleted, with <see cref="RowChange.Old"/>.</summary>
    Delete,

    /// <summary>Rows updated by a statement: those that satisfied <see cref="RowChange.Where"/>, to <see cref="RowChange.New"/>.</summary>
    BulkUpdate,

    /// <summary>Rows deleted by a statement: those that satisfied <see cref="RowChange.Where"/>.</summary>
    BulkDelete,

    /// <summary>Any change of the table.</summary>
    Any,
}
