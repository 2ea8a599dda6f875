using System.Text;

namespace Unstale.Predicates;

/// <summary>Conditions of which all must hold, or any.</summary>
/// <param name="isAll">Whether all must hold.</param>
/// <param name="parts">Conditions, two or more.</param>
internal sealed class JoinedResidual(bool isAll, Residual[] parts) : Residual
{
    public override Outcomes Judge(in ColumnValues row)
    {
        // Of any, the negations are joined: not (a or b) is (not a) and (not b).
        var result = Outcomes.True;
        foreach (var part in parts)
        {
            var one = part.Judge(row);
            result = And(result, isAll ? one : Negate(one));
        }

        return isAll ? result : Negate(result);
    }

    public override void AddColumns(ISet<string> columns)
    {
        foreach (var part in parts)
            part.AddColumns(columns);
    }

    public override void AppendTo(StringBuilder text)
    {
        for (var i = 0; i < parts.Length; i++)
        {
            text.Append(i == 0 ? "(" : isAll ? " and " : " or ");
            parts[i].AppendTo(text);
        }

        text.Append(')');
    }

    private static Outcomes And(Outcomes one, Outcomes other)
    {
        var either = one | other;
        var both = one & other;
        var result = (either & Outcomes.False) | (both & Outcomes.True);
        var mayPass = (one & ~Outcomes.False) != Outcomes.None && (other & ~Outcomes.False) != Outcomes.None;
        return mayPass ? result | (either & Outcomes.Null) : result;
    }
}
