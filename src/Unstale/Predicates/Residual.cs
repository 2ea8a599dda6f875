using System.Text;

namespace Unstale.Predicates;

/// <summary>Condition on the columns of one row that is no <see cref="Term"/>, but whose operators are known.</summary>
internal abstract class Residual
{
    /// <summary>Maximum depth of a condition. The text of a deeper one is not read.</summary>
    public const int MostLevels = 16;

    /// <summary>Returns the results that the database can have for a row.</summary>
    public abstract Outcomes Judge(in ColumnValues row);

    /// <summary>Adds the columns of the condition.</summary>
    public abstract void AddColumns(ISet<string> columns);

    /// <summary>Appends the condition as written in names, see <see cref="RowText"/>.</summary>
    public abstract void AppendTo(StringBuilder text);

    /// <summary>Returns whether a row in which all columns are null fails the condition.</summary>
    public bool RejectsNull()
    {
        var columns = new HashSet<string>(StringComparer.Ordinal);
        AddColumns(columns);
        return !Judge(new([.. columns.Select(static column => KeyValuePair.Create(column, ColumnValue.Null))])).HasFlag(Outcomes.True);
    }

    protected static Outcomes Negate(Outcomes outcomes)
    {
        var result = outcomes & Outcomes.Null;
        if (outcomes.HasFlag(Outcomes.True))
            result |= Outcomes.False;
        if (outcomes.HasFlag(Outcomes.False))
            result |= Outcomes.True;
        return result;
    }
}
