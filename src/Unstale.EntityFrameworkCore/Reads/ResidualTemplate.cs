using Unstale.Predicates;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Binds the values of a condition, or of a part of one. Returns null if a value has no form: the condition is then dropped.</summary>
internal delegate T? Binder<out T>(IReadOnlyDictionary<string, object?> parameters, ColumnHash hash)
    where T : class;

/// <summary>Residual of a plan whose values are bound at each execution.</summary>
/// <param name="Columns">Columns of the condition.</param>
/// <param name="IsConstant">Whether the values are the same in each execution.</param>
/// <param name="Binder">Binds the values.</param>
internal sealed record ResidualTemplate(IReadOnlyCollection<string> Columns, bool IsConstant, Binder<Residual> Binder)
{
    /// <summary>Whether the residual must fail for a row of nulls: the table is on the nullable side of a join.</summary>
    public bool RejectsNull { get; init; }

    public Residual? Bind(IReadOnlyDictionary<string, object?> parameters, ColumnHash hash) =>
        Binder(parameters, hash) is { } bound && (!RejectsNull || bound.RejectsNull()) ? bound : null;
}
