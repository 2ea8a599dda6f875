using System.Text;

namespace Unstale.Predicates;

/// <summary>Side of a comparison: a column, a value, or arithmetic over integers.</summary>
internal abstract class Operand
{
    public static Operand OfColumn(string column) => new Column(column);

    public static Operand OfValue(in ColumnValue value) => new Value(value);

    /// <param name="sign">One of <c>+-*%</c>.</param>
    /// <param name="left">Left operand.</param>
    /// <param name="right">Right operand.</param>
    public static Operand OfIntegers(char sign, Operand left, Operand right) => new Arithmetic(sign, left, right);

    /// <summary>Returns the value for a row. Returns false if the value is unknown.</summary>
    public abstract bool TryGet(in ColumnValues row, out ColumnValue value);

    public abstract void AddColumns(ISet<string> columns);

    public abstract void AppendTo(StringBuilder text);

    private sealed class Column(string name) : Operand
    {
        public override bool TryGet(in ColumnValues row, out ColumnValue value) => row.TryGet(name, out value);

        public override void AddColumns(ISet<string> columns) => columns.Add(name);

        public override void AppendTo(StringBuilder text)
        {
            RowText.AppendName(text.Append('['), name);
            text.Append(']');
        }
    }

    private sealed class Value(ColumnValue value) : Operand
    {
        public override bool TryGet(in ColumnValues row, out ColumnValue result)
        {
            result = value;
            return true;
        }

        public override void AddColumns(ISet<string> columns)
        {
        }

        public override void AppendTo(StringBuilder text) => RowText.AppendValue(text, value);
    }

    private sealed class Arithmetic(char sign, Operand left, Operand right) : Operand
    {
        public override bool TryGet(in ColumnValues row, out ColumnValue value)
        {
            value = default;
            if (!left.TryGet(row, out var one) || !right.TryGet(row, out var other))
                return false;
            return one.IsNull || other.IsNull || ColumnValue.TryCompute(sign, one, other, out value);
        }

        public override void AddColumns(ISet<string> columns)
        {
            left.AddColumns(columns);
            right.AddColumns(columns);
        }

        public override void AppendTo(StringBuilder text)
        {
            left.AppendTo(text.Append('{'));
            right.AppendTo(text.Append(' ').Append(sign).Append(' '));
            text.Append('}');
        }
    }
}
