using System.Data;
using System.Data.Common;
using System.Text;
using Unstale.EntityFrameworkCore.CachedQueries;

namespace Unstale.EntityFrameworkCore.AllQueries;

/// <summary>Key of the rows of a command: equal for equal SQL, parameters, plans and databases.</summary>
internal static class CommandKey
{
    /// <summary>Returns the key; null if a parameter has no text by which its values can be told apart, or if the database has no name.</summary>
    public static string? Of(DbCommand command, RowsQuery query)
    {
        if (command.Connection is not { } connection || DatabaseName.Of(connection) is not { } database)
            return null;
        var text = new StringBuilder(1024);
        foreach (var part in (ReadOnlySpan<string?>)[query.Context.Context.GetType().FullName, database, query.Plan.Plan.Fingerprint, command.CommandText])
            ParameterText.Append(text, part);
        foreach (DbParameter parameter in command.Parameters)
        {
            ParameterText.Append(text, parameter.ParameterName);
            ParameterText.Append(text, parameter.DbType.ToString());
            if (parameter.Direction != ParameterDirection.Input || !ParameterText.TryAppend(text, parameter.Value is DBNull ? null : parameter.Value))
                return null;
        }

        return QueryKey.OfText("rows", text);
    }
}
