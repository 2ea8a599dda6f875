using System.Globalization;
using System.Text;
using Unstale.Values;

namespace Unstale.Predicates;

/// <summary>
/// Text of predicates and changes in names, records and the second level, readable and part of the formats:
/// <code>
/// predicate   product[category_id=3|5;price>=20&lt;=40]{name,price}      {*} for all columns
///             product[id=4;(([rating]=2) or (not ([price]&lt;[cost])))]{name}      ( = &lt; &lt;= ), =? if equal forms may differ, {[rating] + 1}
/// change      product update old{id=4;price=20} new{price=30} changed{price}
///             product bulk-update new{price=30} changed{price} where[category_id=3]
///             product update old{id=4;price=20} new{id=4;price=30} unchanged{id}
///             product any
/// value       null | 12.5 (number) | ~1E+20 (real) | @microseconds | t, g, b and 16 hex digits (hash of a text, GUID, bytes), then .fingerprint of a key
/// </code>
/// In names, a character with a meaning here, a control and half of a surrogate pair are written as % and four hex digits. In an update, a column that has
/// an old value and is not changed has the same new value.
/// </summary>
internal static class RowText
{
    private static readonly RowOperation[] Operations = Enum.GetValues<RowOperation>();

    public static string Format(RowPredicate predicate)
    {
        var text = new StringBuilder(DependencyTag.PredicatePrefix, 128);
        AppendName(text, predicate.Table);
        text.Append('[');
        AppendTerms(text, predicate.Terms);
        for (var i = 0; i < predicate.Residuals.Count; i++)
            predicate.Residuals[i].AppendTo(i + predicate.Terms.Count > 0 ? text.Append(';') : text);
        text.Append("]{");
        if (predicate.Affecting is { } columns)
            AppendNames(text, columns);
        else
            text.Append('*');
        return text.Append('}').ToString();
    }

    public static string Format(RowChange change)
    {
        var text = new StringBuilder(128);
        AppendName(text, change.Table);
        text.Append(' ').Append(WordOf(change.Operation));
        AppendValues(text, " old{", change.Old, except: null);
        AppendValues(text, " new{", change.New, except: change);
        if ((change.Changed ?? change.Unchanged) is { } columns && (change.Changed is not null || columns.Count > 0))
        {
            text.Append(change.Changed is null ? " unchanged{" : " changed{");
            AppendNames(text, columns);
            text.Append('}');
        }

        if (change.Where.Count > 0)
        {
            text.Append(" where[");
            AppendTerms(text, change.Where);
            text.Append(']');
        }

        return text.ToString();
    }

    /// <summary>Estimates the bytes of the text of a change from the lengths of the names and from a common length of a value.</summary>
    public static int EstimatedBytes(RowChange change)
    {
        const int value = 20, words = 32;
        var bytes = words + change.Table.Length;
        foreach (ref readonly var item in change.Old.Items)
            bytes += item.Key.Length + value;
        foreach (ref readonly var item in change.New.Items)
            bytes += item.Key.Length + value;
        var columns = change.Changed ?? change.Unchanged;
        for (var i = 0; i < columns.Count; i++)
            bytes += columns[i].Length + 1;
        for (var i = 0; i < change.Where.Count; i++)
            bytes += change.Where[i].Column.Length + (value * Math.Max(2, change.Where[i].Values.Length));
        return bytes;
    }

    /// <summary>Returns the name of a table as written in a text.</summary>
    public static string NameOf(string table)
    {
        var text = new StringBuilder(table.Length);
        AppendName(text, table);
        return text.ToString();
    }

    public static void AppendName(StringBuilder text, string name)
    {
        var half = CacheNames.HalfPairIn(name) >= 0;
        if (!half && !RowTextReader.HasReserved(name))
        {
            text.Append(name);
            return;
        }

        foreach (var unit in name)
        {
            if (RowTextReader.IsReserved(unit) || (half && char.IsSurrogate(unit)))
                text.Append(CultureInfo.InvariantCulture, $"%{(int)unit:x4}");
            else
                text.Append(unit);
        }
    }

    public static void AppendValue(StringBuilder text, in ColumnValue value)
    {
        Span<char> buffer = stackalloc char[64];
        value.TryFormat(buffer, out var length);
        text.Append(buffer[..length]);
    }

    /// <summary>Reads the name of a predicate. Returns null for any other text.</summary>
    public static RowPredicate? ParsePredicate(string name)
    {
        if (!DependencyTag.IsPredicate(name))
            return null;
        var reader = new RowTextReader(name.AsSpan(DependencyTag.PredicatePrefix.Length));
        if (!reader.TryReadName("[", out var table) || !reader.TryReadConditions(out var terms, out var residuals) || !reader.TryRead("{"))
            return null;
        if (reader.TryRead("*}") && reader.IsAtEnd)
            return RowPredicate.FromName(name, table, terms, residuals, affecting: null);
        return reader.TryReadNames(out var affecting) && reader.IsAtEnd ? RowPredicate.FromName(name, table, terms, residuals, affecting) : null;
    }

    /// <summary>Reads a change. Returns null for any other text.</summary>
    public static RowChange? ParseChange(string text)
    {
        var reader = new RowTextReader(text);
        if (!reader.TryReadName(" ", out var table) || !TryReadOperation(ref reader, out var operation))
            return null;
        var (old, @new) = (ColumnValues.Unknown, ColumnValues.Unknown);
        string[]? changed = null;
        string[] unchanged = [];
        Term[] where = [];
        if (reader.TryRead(" old{") && !reader.TryReadValues(out old))
            return null;
        if (reader.TryRead(" new{") && !reader.TryReadValues(out @new))
            return null;
        if (reader.TryRead(" changed{") && !reader.TryReadNames(out changed))
            return null;
        if (changed is null && reader.TryRead(" unchanged{") && !reader.TryReadNames(out unchanged))
            return null;
        if (reader.TryRead(" where[") && !reader.TryReadTerms(out where))
            return null;
        if (!reader.IsAtEnd)
            return null;
        var change = new RowChange(table, operation) { Old = old, New = @new, Changed = changed, Unchanged = unchanged, Where = where };
        return (operation == RowOperation.Update ? WithUnchanged(change) : change).WithText(text);
    }

    private static RowChange WithUnchanged(RowChange change)
    {
        var values = new List<KeyValuePair<string, ColumnValue>>(change.New.Items.Length + change.Old.Items.Length);
        values.AddRange(change.New.Items);
        foreach (ref readonly var item in change.Old.Items)
        {
            if (!change.MayHaveChanged(item.Key) && !change.New.TryGet(item.Key, out _))
                values.Add(item);
        }

        return new RowChange(change.Table, change.Operation)
        {
            Old = change.Old, New = new([.. values]), Changed = change.Changed, Unchanged = change.Unchanged, Where = change.Where,
        };
    }

    private static bool TryReadOperation(ref RowTextReader reader, out RowOperation operation)
    {
        foreach (var one in Operations)
        {
            operation = one;
            if (reader.TryReadWord(WordOf(one)))
                return true;
        }

        operation = default;
        return false;
    }

    private static string WordOf(RowOperation operation) => operation switch
    {
        RowOperation.Insert => "insert",
        RowOperation.Update => "update",
        RowOperation.Delete => "delete",
        RowOperation.BulkUpdate => "bulk-update",
        RowOperation.BulkDelete => "bulk-delete",
        _ => "any",
    };

    private static void AppendTerms(StringBuilder text, IReadOnlyList<Term> terms)
    {
        for (var i = 0; i < terms.Count; i++)
        {
            if (i > 0)
                text.Append(';');
            AppendTerm(text, terms[i]);
        }
    }

    private static void AppendTerm(StringBuilder text, Term term)
    {
        AppendName(text, term.Column);
        if (term.From is { } from)
            AppendValue(text.Append(">="), from);
        if (term.To is { } to)
            AppendValue(text.Append("<="), to);
        if (term is { IsRange: true, From: null, To: null })
            text.Append(">=");
        for (var i = 0; i < term.Values.Length; i++)
            AppendValue(text.Append(i == 0 ? '=' : '|'), term.Values[i]);
        if (term is { IsRange: false, Values.Length: 0 })
            text.Append('=');
    }

    /// <param name="text">Text to append to.</param>
    /// <param name="head">Text before the values.</param>
    /// <param name="values">Values.</param>
    /// <param name="except">Update whose unchanged columns are left out; null for none.</param>
    private static void AppendValues(StringBuilder text, string head, in ColumnValues values, RowChange? except)
    {
        var isFirst = true;
        foreach (ref readonly var item in values.Items)
        {
            if (except is { Operation: RowOperation.Update } update && !update.MayHaveChanged(item.Key) && update.Old.TryGet(item.Key, out _))
                continue;
            text.Append(isFirst ? head : ";");
            isFirst = false;
            AppendName(text, item.Key);
            AppendValue(text.Append('='), item.Value);
        }

        if (!isFirst)
            text.Append('}');
    }

    private static void AppendNames(StringBuilder text, IReadOnlyList<string> names)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (i > 0)
                text.Append(',');
            AppendName(text, names[i]);
        }
    }
}
