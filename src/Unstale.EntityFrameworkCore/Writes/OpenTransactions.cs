using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore.Storage;

namespace Unstale.EntityFrameworkCore.Writes;

/// <summary>Transactions in which contexts write, by the transaction and by its connection, which several contexts may share.</summary>
internal static class OpenTransactions
{
    private static readonly ConditionalWeakTable<DbTransaction, TransactionChanges> ByTransaction = [];
    private static readonly ConditionalWeakTable<DbConnection, TransactionChanges> ByConnection = [];

    /// <summary>Registers a transaction that a context has begun. A provider may use the object of an ended transaction again.</summary>
    public static void Started(IRelationalConnection connection, DbConnection database, DbTransaction transaction)
    {
        var changes = new TransactionChanges(transaction, connection);
        ByTransaction.AddOrUpdate(transaction, changes);
        ByConnection.AddOrUpdate(database, changes);
    }

    /// <summary>Registers a transaction that a context received. Its end is reported only if another context has begun it.</summary>
    public static void Used(IRelationalConnection connection, DbTransaction transaction)
    {
        if (Find(transaction) is not { IsOpen: true } known || known.IsOf(connection))
            ByTransaction.AddOrUpdate(transaction, new TransactionChanges(transaction, owner: null));
    }

    public static TransactionChanges? Find(DbTransaction transaction) => ByTransaction.TryGetValue(transaction, out var changes) ? changes : null;

    /// <summary>Returns the open transaction in which the commands of a connection are executed; null if each command commits itself.</summary>
    public static TransactionChanges? Of(IRelationalConnection connection)
    {
        if (CurrentOf(connection) is { } current)
            return Find(current) ?? ByTransaction.GetValue(current, static transaction => new TransactionChanges(transaction, owner: null));
        return ByConnection.TryGetValue(connection.DbConnection, out var shared) && shared.IsOpen ? shared : null;
    }

    public static DbTransaction? CurrentOf(IRelationalConnection connection) => connection.CurrentTransaction?.GetDbTransaction();
}
