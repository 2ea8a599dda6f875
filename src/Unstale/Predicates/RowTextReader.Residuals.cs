namespace Unstale.Predicates;

/// <content>Conditions that are no terms.</content>
internal ref partial struct RowTextReader
{
    private const string Signs = "+-*%";

    /// <summary>Reads terms, then residuals, and the closing bracket.</summary>
    public bool TryReadConditions(out Term[] terms, out Residual[] residuals)
    {
        (terms, residuals) = ([], []);
        var (readTerms, readResiduals) = (new List<Term>(), new List<Residual>());
        while (!TryRead("]"))
        {
            if (readTerms.Count + readResiduals.Count > 0 && !TryRead(";"))
                return false;
            if (IsNext('(') && TryReadResidual(Residual.MostLevels, out var residual))
                readResiduals.Add(residual);
            else if (readResiduals.Count == 0 && TryReadTerm(out var term))
                readTerms.Add(term);
            else
                return false;
        }

        (terms, residuals) = ([.. readTerms], [.. readResiduals]);
        return true;
    }

    private readonly bool IsNext(char unit) => !_rest.IsEmpty && _rest[0] == unit;

    private bool TryReadResidual(int levels, out Residual residual)
    {
        residual = null!;
        if (levels == 0 || !TryRead("("))
            return false;
        if (TryRead("not "))
        {
            if (!TryReadResidual(levels - 1, out var inner))
                return false;
            residual = new NegatedResidual(inner);
        }
        else if (!(IsNext('(') ? TryReadJoined(levels, out residual) : TryReadCompared(levels, out residual)))
        {
            return false;
        }

        return TryRead(")");
    }

    private bool TryReadJoined(int levels, out Residual residual)
    {
        residual = null!;
        var parts = new List<Residual>();
        var word = "";
        do
        {
            if (!TryReadResidual(levels - 1, out var part))
                return false;
            parts.Add(part);
            if (parts.Count == 1)
                word = _rest.StartsWith(" and ", StringComparison.Ordinal) ? " and " : " or ";
        }
        while (TryRead(word));
        residual = new JoinedResidual(string.Equals(word, " and ", StringComparison.Ordinal), [.. parts]);
        return parts.Count > 1;
    }

    private bool TryReadCompared(int levels, out Residual residual)
    {
        residual = null!;
        if (!TryReadOperand(levels - 1, out var left))
            return false;
        ComparisonKind kind;
        if (TryRead("<="))
            kind = ComparisonKind.LessOrEqual;
        else if (TryRead("<"))
            kind = ComparisonKind.Less;
        else if (TryRead("="))
            kind = ComparisonKind.Equal;
        else
            return false;
        var isExact = !TryRead("?");
        if (!TryReadOperand(levels - 1, out var right))
            return false;
        residual = new ComparedResidual(kind, left, right, isExact);
        return true;
    }

    private bool TryReadOperand(int levels, out Operand operand)
    {
        operand = null!;
        if (levels == 0)
            return false;
        if (TryRead("["))
        {
            if (!TryReadName("]", out var column))
                return false;
            operand = Operand.OfColumn(column);
            return true;
        }

        if (TryRead("{"))
            return TryReadArithmetic(levels, out operand);
        var length = _rest.IndexOfAny("=<)} ");
        if (length < 0 || !ColumnValue.TryParse(_rest[..length], out var value))
            return false;
        _rest = _rest[length..];
        operand = Operand.OfValue(value);
        return true;
    }

    private bool TryReadArithmetic(int levels, out Operand operand)
    {
        operand = null!;
        if (!TryReadOperand(levels - 1, out var left) || _rest.Length < 3 || _rest[0] != ' ' || !Signs.Contains(_rest[1], StringComparison.Ordinal) || _rest[2] != ' ')
            return false;
        var sign = _rest[1];
        _rest = _rest[3..];
        if (!TryReadOperand(levels - 1, out var right))
            return false;
        operand = Operand.OfIntegers(sign, left, right);
        return TryRead("}");
    }
}
