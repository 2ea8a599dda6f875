using Npgsql;
using NpgsqlTypes;

namespace Unstale.PostgreSql.Log;

/// <summary>Adds positional parameters to a command.</summary>
internal static class CommandParameters
{
    public static NpgsqlCommand With<T>(this NpgsqlCommand command, T value)
    {
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return command;
    }

    /// <summary>Adds a generation; null for none.</summary>
    public static NpgsqlCommand With(this NpgsqlCommand command, Generation generation)
    {
        command.Parameters.Add(generation == Generation.None
            ? new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Uuid, Value = DBNull.Value }
            : new NpgsqlParameter<Guid> { TypedValue = GenerationFormat.ToGuid(generation) });
        return command;
    }
}
