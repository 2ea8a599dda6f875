namespace Unstale.PostgreSql.Capture;

/// <summary>Field of a captured row.</summary>
/// <param name="Kind">Kind of the field.</param>
/// <param name="Text">Value as text; null for all but <see cref="FieldKind.Text"/>.</param>
internal readonly record struct CapturedField(FieldKind Kind, string? Text = null);

/// <summary>Kind of a <see cref="CapturedField"/>.</summary>
internal enum FieldKind
{
    /// <summary>Null.</summary>
    Null,

    /// <summary>Value as text.</summary>
    Text,

    /// <summary>Large value that the statement did not change, and that the server did not send.</summary>
    Unchanged,
}
