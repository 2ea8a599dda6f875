using Unstale.EntityFrameworkCore.Forms;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Column of a table whose values are among the keys met by an execution.</summary>
/// <param name="Column">Name of the column.</param>
/// <param name="Form">Form of its values.</param>
/// <param name="Slot">Number of the keys in <see cref="MetKeys"/>.</param>
internal sealed record MetColumn(string Column, ColumnForm Form, int Slot);
