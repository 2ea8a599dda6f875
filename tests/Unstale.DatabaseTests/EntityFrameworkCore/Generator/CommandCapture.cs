using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>Captures the commands by which a query reads.</summary>
internal sealed class CommandCapture : DbCommandInterceptor
{
    private List<CapturedCommand>? _captured;

    public void Begin() => _captured = [];

    public IReadOnlyList<CapturedCommand> End()
    {
        var captured = _captured!;
        _captured = null;
        return captured;
    }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        _captured?.Add(new CapturedCommand(command.CommandText, [.. command.Parameters.Cast<DbParameter>().Select(Copy)]));
        return new(result);
    }

    /// <summary>Copies a parameter. Those of SQLite have no type but that of their values.</summary>
    public static DbParameter Copy(DbParameter parameter) =>
        parameter is ICloneable cloneable ? (DbParameter)cloneable.Clone() : new SqliteParameter(parameter.ParameterName, parameter.Value);
}

/// <summary>Command of a query.</summary>
/// <param name="Text">SQL.</param>
/// <param name="Parameters">Parameters, which no command owns.</param>
internal sealed record CapturedCommand(string Text, DbParameter[] Parameters);
