namespace Unstale.Predicates;

/// <summary>Kind of a <see cref="ColumnValue"/>. Values of different kinds cannot be compared.</summary>
internal enum ColumnValueKind : byte
{
    Null,

    /// <summary>Integer, decimal, Boolean or enumeration, compared without scale.</summary>
    Number,

    /// <summary>Floating-point number. Zeros are equal, and so are all NaN, which sort above all other numbers.</summary>
    Real,

    /// <summary>Date, time or duration, in microseconds. PostgreSQL stores no finer unit.</summary>
    Moment,

    /// <summary>Keyed hash of a text.</summary>
    Text,

    /// <summary>Keyed hash of a GUID.</summary>
    Guid,

    /// <summary>Keyed hash of bytes.</summary>
    Binary,
}
