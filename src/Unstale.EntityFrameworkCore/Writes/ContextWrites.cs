using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Unstale.EntityFrameworkCore.Forms;

namespace Unstale.EntityFrameworkCore.Writes;

/// <summary>State of the running write of one context.</summary>
internal sealed class ContextWrites(ICurrentDbContext current, IRelationalConnection connection, IDatabaseProvider provider)
{
    public IRelationalConnection Connection => connection;

    public UnstaleCache Cache => field ??= ContextCache.Of(current.Context);

    /// <summary>Whether the connection can take part in transactions of <see cref="System.Transactions"/>.</summary>
    public bool CanEnlist { get; } = provider.Name != ProviderNames.Sqlite;

    /// <summary>Whether a write is running. A transaction that begins meanwhile belongs to the write, and no other context can use it.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>Whether the running write has begun a transaction.</summary>
    public bool HasTransaction { get; private set; }

    /// <summary>Whether the running write has begun to commit its transaction.</summary>
    public bool IsCommitting { get; private set; }

    public void Begin() => (IsRunning, HasTransaction, IsCommitting) = (true, false, false);

    public void End() => IsRunning = false;

    public void Started() => HasTransaction = true;

    public void Committing() => IsCommitting = true;
}
