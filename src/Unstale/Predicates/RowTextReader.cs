using System.Buffers;
using System.Globalization;
using System.Text;

namespace Unstale.Predicates;

/// <summary>Reads the parts of a text of <see cref="RowText"/>, left to right. The text may come from a server: each method returns false for any other form.</summary>
internal ref partial struct RowTextReader(ReadOnlySpan<char> text)
{
    private static readonly SearchValues<char> Reserved =
        SearchValues.Create([.. "%[](){};=,|<>~\x7f", .. Enumerable.Range(0, ' ' + 1).Select(static unit => (char)unit)]);

    private ReadOnlySpan<char> _rest = text;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>Returns whether a character of a name must be escaped.</summary>
    public static bool IsReserved(char unit) => Reserved.Contains(unit);

    /// <summary>Returns whether a name has a character that must be escaped.</summary>
    public static bool HasReserved(ReadOnlySpan<char> name) => name.ContainsAny(Reserved);

    /// <summary>Reads a text that must follow.</summary>
    public bool TryRead(ReadOnlySpan<char> expected)
    {
        if (!_rest.StartsWith(expected, StringComparison.Ordinal))
            return false;
        _rest = _rest[expected.Length..];
        return true;
    }

    /// <summary>Reads a word that must end before a space or at the end.</summary>
    public bool TryReadWord(ReadOnlySpan<char> expected)
    {
        if (!_rest.StartsWith(expected, StringComparison.Ordinal) || (_rest.Length > expected.Length && _rest[expected.Length] != ' '))
            return false;
        _rest = _rest[expected.Length..];
        return true;
    }

    /// <summary>Reads a name and the text that must follow the name.</summary>
    public bool TryReadName(ReadOnlySpan<char> stop, out string name)
    {
        name = "";
        return TryReadName(out name) && TryRead(stop);
    }

    /// <summary>Reads terms and the closing bracket.</summary>
    public bool TryReadTerms(out Term[] terms)
    {
        terms = [];
        var read = new List<Term>();
        while (!TryRead("]"))
        {
            if ((read.Count > 0 && !TryRead(";")) || !TryReadTerm(out var term))
                return false;
            read.Add(term);
        }

        terms = [.. read];
        return true;
    }

    /// <summary>Reads values of columns and the closing brace.</summary>
    public bool TryReadValues(out ColumnValues values)
    {
        values = default;
        var read = new List<KeyValuePair<string, ColumnValue>>();
        while (!TryRead("}"))
        {
            if ((read.Count > 0 && !TryRead(";")) || !TryReadName("=", out var column) || !TryReadValue(out var value))
                return false;
            read.Add(new(column, value));
        }

        values = new([.. read]);
        return true;
    }

    /// <summary>Reads names and the closing brace.</summary>
    public bool TryReadNames(out string[] names)
    {
        names = [];
        var read = new List<string>();
        while (!TryRead("}"))
        {
            if ((read.Count > 0 && !TryRead(",")) || !TryReadName(out var name))
                return false;
            read.Add(name);
        }

        names = [.. read];
        return true;
    }

    private bool TryReadTerm(out Term term)
    {
        term = null!;
        if (!TryReadName(out var column))
            return false;
        if (!TryRead("="))
            return TryReadRange(column, out term);
        var values = new List<ColumnValue>();
        while (!_rest.IsEmpty && _rest[0] is not (']' or ';'))
        {
            if ((values.Count > 0 && !TryRead("|")) || !TryReadValue(out var value))
                return false;
            values.Add(value);
        }

        term = Term.In(column, values);
        return true;
    }

    private bool TryReadRange(string column, out Term term)
    {
        term = null!;
        ColumnValue? from = null;
        ColumnValue? to = null;
        var hasLower = TryRead(">=");
        if (hasLower && !_rest.IsEmpty && _rest[0] is not ('<' or ']' or ';'))
        {
            if (!TryReadValue(out var low) || !low.IsOrdered)
                return false;
            from = low;
        }

        if (TryRead("<="))
        {
            if (!TryReadValue(out var high) || !high.IsOrdered)
                return false;
            to = high;
        }
        else if (!hasLower)
        {
            return false;
        }

        term = Term.Between(column, from, to);
        return true;
    }

    private bool TryReadValue(out ColumnValue value)
    {
        var length = _rest.IndexOfAny(";|]}<");
        var part = length < 0 ? _rest : _rest[..length];
        _rest = _rest[part.Length..];
        return ColumnValue.TryParse(part, out value);
    }

    private bool TryReadName(out string name)
    {
        name = "";
        var length = 0;
        while (length < _rest.Length && (_rest[length] == '%' || !IsReserved(_rest[length])))
            length++;
        var part = _rest[..length];
        _rest = _rest[length..];
        return length > 0 && TryUnescape(part, out name);
    }

    private static bool TryUnescape(ReadOnlySpan<char> escaped, out string name)
    {
        name = "";
        if (!escaped.Contains('%'))
        {
            name = NamePool.Get(escaped);
            return true;
        }

        var plain = new StringBuilder(escaped.Length);
        for (var i = 0; i < escaped.Length; i++)
        {
            if (escaped[i] != '%')
            {
                plain.Append(escaped[i]);
                continue;
            }

            if (i + 4 >= escaped.Length || !ushort.TryParse(escaped.Slice(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit))
                return false;
            plain.Append((char)unit);
            i += 4;
        }

        name = plain.ToString();
        return true;
    }
}
