using System.Text;

namespace Unstale.Predicates;

/// <summary>Condition that holds if another one is false. It does not hold if the other one is null.</summary>
internal sealed class NegatedResidual(Residual inner) : Residual
{
    public override Outcomes Judge(in ColumnValues row) => Negate(inner.Judge(row));

    public override void AddColumns(ISet<string> columns) => inner.AddColumns(columns);

    public override void AppendTo(StringBuilder text)
    {
        text.Append("(not ");
        inner.AppendTo(text);
        text.Append(')');
    }
}
