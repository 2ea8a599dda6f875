using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace Unstale.EntityFrameworkCore.Writes;

/// <summary>Commands of the application, as by <c>ExecuteSql</c>. An interceptor of all commands would also slow queries down.</summary>
internal sealed class RawSqlCommands(IRawSqlCommandBuilder inner) : IRawSqlCommandBuilder
{
    public IRelationalCommand Build(string sql) => inner.Build(sql);

    public RawSqlCommand Build(string sql, IEnumerable<object?> parameters) => Wrap(inner.Build(sql, parameters));

    public RawSqlCommand Build(string sql, IEnumerable<object?> parameters, IModel model) => Wrap(inner.Build(sql, parameters, model));

    private static RawSqlCommand Wrap(RawSqlCommand built) => new(new Command(built.RelationalCommand), built.ParameterValues);

    private sealed class Command(IRelationalCommand inner) : IRelationalCommand
    {
        public string CommandText => inner.CommandText;

        public string LogCommandText => inner.LogCommandText;

        public IReadOnlyList<IRelationalParameter> Parameters => inner.Parameters;

        public int ExecuteNonQuery(RelationalCommandParameterObject parameterObject)
        {
            if (Begin(parameterObject) is not { } write)
                return inner.ExecuteNonQuery(parameterObject);
            int count;
            try
            {
                count = inner.ExecuteNonQuery(parameterObject);
            }
            catch (Exception exception)
            {
                RunningWrite.Wait(write.FailAsync(exception, () => RawSql.ChangesOf(CommandText, parameterObject.Context!)));
                throw;
            }

            RunningWrite.Wait(write.EndAsync(RawSql.ChangesOf(CommandText, parameterObject.Context!)));
            return count;
        }

        public async Task<int> ExecuteNonQueryAsync(RelationalCommandParameterObject parameterObject, CancellationToken cancellationToken = default)
        {
            if (Begin(parameterObject) is not { } write)
                return await inner.ExecuteNonQueryAsync(parameterObject, cancellationToken).ConfigureAwait(false);
            int count;
            try
            {
                count = await inner.ExecuteNonQueryAsync(parameterObject, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                await write.FailAsync(exception, () => RawSql.ChangesOf(CommandText, parameterObject.Context!)).ConfigureAwait(false);
                throw;
            }

            await write.EndAsync(RawSql.ChangesOf(CommandText, parameterObject.Context!)).ConfigureAwait(false);
            return count;
        }

        public object? ExecuteScalar(RelationalCommandParameterObject parameterObject) => inner.ExecuteScalar(parameterObject);

        public Task<object?> ExecuteScalarAsync(RelationalCommandParameterObject parameterObject, CancellationToken cancellationToken = default) =>
            inner.ExecuteScalarAsync(parameterObject, cancellationToken);

        public RelationalDataReader ExecuteReader(RelationalCommandParameterObject parameterObject) => inner.ExecuteReader(parameterObject);

        public Task<RelationalDataReader> ExecuteReaderAsync(RelationalCommandParameterObject parameterObject, CancellationToken cancellationToken = default) =>
            inner.ExecuteReaderAsync(parameterObject, cancellationToken);

        public DbCommand CreateDbCommand(RelationalCommandParameterObject parameterObject, Guid commandId, DbCommandMethod commandMethod) =>
            inner.CreateDbCommand(parameterObject, commandId, commandMethod);

        public void PopulateFrom(IRelationalCommandTemplate commandTemplate) => inner.PopulateFrom(commandTemplate);

        private RunningWrite? Begin(RelationalCommandParameterObject command)
        {
            if (command is not { Context: { } context, CommandSource: CommandSource.ExecuteSqlRaw })
                return null;
            if (RawSql.IsOfTransaction(CommandText))
                throw Errors.TransactionAsSql();
            return RunningWrite.Begin(context);
        }
    }
}
