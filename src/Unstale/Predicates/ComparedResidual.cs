using System.Text;

namespace Unstale.Predicates;

/// <summary>Comparison of two operands.</summary>
/// <param name="kind">Kind of the comparison.</param>
/// <param name="left">Left operand.</param>
/// <param name="right">Right operand.</param>
/// <param name="isExact">Whether the database also compares two values with one form as equal.</param>
internal sealed class ComparedResidual(ComparisonKind kind, Operand left, Operand right, bool isExact) : Residual
{
    private static readonly string[] Signs = ["=", "<", "<="];

    public override Outcomes Judge(in ColumnValues row)
    {
        if (!left.TryGet(row, out var one) || !right.TryGet(row, out var other))
            return Outcomes.Any;
        if (one.IsNull || other.IsNull)
            return kind is not ComparisonKind.Equal ? Outcomes.False | Outcomes.Null : Of(one.IsNull && other.IsNull);
        if (!one.IsComparable(other) || (kind is not ComparisonKind.Equal && !one.IsOrdered))
            return Outcomes.Any;
        var order = kind is ComparisonKind.Equal ? one.Equals(other) ? 0 : 1 : ColumnValue.Compare(one, other);
        if (order == 0 && !isExact)
            return Outcomes.True | Outcomes.False;
        return Of(kind switch { ComparisonKind.Equal => order == 0, ComparisonKind.Less => order < 0, _ => order <= 0 });
    }

    public override void AddColumns(ISet<string> columns)
    {
        left.AddColumns(columns);
        right.AddColumns(columns);
    }

    public override void AppendTo(StringBuilder text)
    {
        left.AppendTo(text.Append('('));
        text.Append(SignOf(kind)).Append(isExact ? "" : "?");
        right.AppendTo(text);
        text.Append(')');
    }

    public static string SignOf(ComparisonKind kind) => Signs[(int)kind];

    private static Outcomes Of(bool holds) => holds ? Outcomes.True : Outcomes.False;
}
