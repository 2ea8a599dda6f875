using System.Data.Common;
using System.Reflection;
using System.Runtime.CompilerServices;
using Unstale.PostgreSql.Outbox;
using Unstale.PostgreSql.Schema;

namespace Unstale.PostgreSql;

/// <summary>
/// Outbox of one cache: changes are rows that are written in the transaction of the data. A committed change is invalidated even if the process ends directly
/// after the commit, and a change that is rolled back never is. Obtain the outbox from the container after <c>UsePostgreSqlOutbox</c>. Thread-safe.
/// </summary>
public sealed class PostgreSqlOutbox
{
    private const string Placeholder = "unstale_schema";

    private readonly UnstaleCache _cache;
    private readonly OutboxTable _table;
    private readonly OutboxRelay _relay;
    private readonly Action<OutboxStep>? _reached;
    private readonly ConditionalWeakTable<DbTransaction, AddedChanges> _added = [];

    internal PostgreSqlOutbox(UnstaleCache cache, OutboxTable table, OutboxRelay relay, Action<OutboxStep>? reached) =>
        (_cache, _table, _relay, _reached) = (cache, table, relay, reached);

    /// <summary>
    /// Returns the SQL script that creates the table and the function <c>outbox_add</c>, for a migration. The script may run again. See
    /// <see cref="OutboxOptions.CreateSchema"/>.
    /// </summary>
    /// <param name="schema">Name of the schema; see <see cref="OutboxOptions.Schema"/>. Default: <c>unstale</c>.</param>
    /// <exception cref="ArgumentException">The name is not a permitted name of a schema.</exception>
    public static string Script(string schema = PostgreSqlLogOptions.DefaultSchema)
    {
        if (!SchemaName.IsValid(schema))
            throw new ArgumentException(Errors.SchemaName(schema), nameof(schema));
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("outbox.sql")!);
        return reader.ReadToEnd().Replace(Placeholder, schema, StringComparison.Ordinal);
    }

    /// <summary>
    /// Adds a change to the transaction. Call the method with the statements that change the data, and commit with <see cref="CommitAsync"/>. After any other
    /// commit the change is invalidated too, within <see cref="OutboxOptions.PollInterval"/>.
    /// </summary>
    /// <param name="connection">Connection of the transaction.</param>
    /// <param name="transaction">Open transaction.</param>
    /// <param name="change">Change, as for <see cref="IInvalidator.ChangedAsync(Change, CancellationToken)"/>.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    /// <exception cref="ArgumentException">
    /// A name of the change is empty or too long; or a fact of <see cref="Change.Context"/> is neither null, Boolean, number, text, <see cref="Guid"/>,
    /// enumeration nor a list of these.
    /// </exception>
    /// <exception cref="InvalidOperationException">The table is missing. PostgreSQL has ended the transaction.</exception>
    public async Task AddAsync(DbConnection connection, DbTransaction transaction, Change change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(change);
        _cache.Check(change);
        var id = await _table.InsertAsync(connection, transaction, ChangeJson.Write(change), cancellationToken).ConfigureAwait(false);
        _added.GetOrCreateValue(transaction).Add(id, change);
        _reached?.Invoke(OutboxStep.Added);
    }

    /// <summary>
    /// Commits the transaction and invalidates its changes. Once the call has returned, no read that begins on this node receives a value from before the
    /// commit. If the commit fails, or its outcome is unknown, the rows decide: the relay sends those that exist.
    /// </summary>
    /// <param name="transaction">Transaction with the changes.</param>
    /// <param name="cancellationToken">Cancels the commit. After the commit, the invalidation is not cancelled.</param>
    /// <returns>
    /// Receipt of the invalidation; null if the transaction has no change, or if the cache is closed and the relay of another process will send the rows. If
    /// the log cannot be reached, the receipt is <see cref="ReceiptState.Queued"/>, and the rows outlive this process.
    /// </returns>
    public async Task<InvalidationReceipt?> CommitAsync(DbTransaction transaction, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        var generation = LogGenerations.Of(_cache.GetLogState());
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        _reached?.Invoke(OutboxStep.Committed);
        if (!_added.TryGetValue(transaction, out var added))
            return null;
        _added.Remove(transaction);
        var receipt = await RaiseAsync(added.Changes).ConfigureAwait(false);
        if (generation is not null && receipt is { State: ReceiptState.Applied or ReceiptState.Pending })
        {
            _reached?.Invoke(OutboxStep.Raised);
            _relay.Mark(added.Ids(), generation);
        }

        return receipt;
    }

    /// <summary>Raises committed changes. No failure reaches the caller, to whom it would look like a failed commit: the rows remain.</summary>
    private async Task<InvalidationReceipt?> RaiseAsync(IReadOnlyList<Change> changes)
    {
        try
        {
            return await CommittedReceipt.RaiseAsync(_cache, changes).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }
}
