using System.Text;

namespace Unstale.Predicates;

/// <summary>Change of one row, or of the rows of one statement, as far as the writer knows the values.</summary>
internal sealed class RowChange
{
    private string? _text;

    public RowChange(string table, RowOperation operation)
    {
        Table = table;
        Operation = operation;
    }

    public string Table { get; }

    public RowOperation Operation { get; }

    /// <summary>Values before the change.</summary>
    public ColumnValues Old { get; init; }

    /// <summary>Values after the change.</summary>
    public ColumnValues New { get; init; }

    /// <summary>
    /// Columns whose stored bytes differ; null if unknown. A column that the writer cannot see, such as a computed one, must be among them.
    /// </summary>
    public IReadOnlyList<string>? Changed { get; init; }

    /// <summary>Columns whose stored bytes are known to be the same, if the changed ones are unknown.</summary>
    public IReadOnlyList<string> Unchanged { get; init; } = [];

    /// <summary>Condition on the old rows of a bulk change. Without terms, any row.</summary>
    public IReadOnlyList<Term> Where { get; init; } = [];

    /// <summary>Text of the change in the log, see <see cref="RowText"/>.</summary>
    public string Text => _text ??= RowText.Format(this);

    /// <summary>Size of the text in UTF-8, in bytes; an estimate until the text is read.</summary>
    public int TextBytes => _text is null ? RowText.EstimatedBytes(this) : Encoding.UTF8.GetByteCount(_text);

    /// <summary>Creates the change of which nothing but the table is known.</summary>
    public static RowChange OfTable(string table) => new(table, RowOperation.Any);

    /// <summary>Returns the change with a text that was read from a log.</summary>
    public RowChange WithText(string text)
    {
        _text = text;
        return this;
    }

    public bool MayHaveChanged(string column)
    {
        if (Changed is null)
            return !Contains(Unchanged, column);
        return Contains(Changed, column);
    }

    public override string ToString() => Text;

    private static bool Contains(IReadOnlyList<string> columns, string column)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            if (string.Equals(columns[i], column, StringComparison.Ordinal))
                return true;
        }

        return false;
    }
}
