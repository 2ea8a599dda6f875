using System.Data;
using System.Data.Common;

namespace Unstale.Tests.Transactions;

/// <summary>A transaction without a database.</summary>
internal sealed class FakeDbTransaction(Exception? failure = null, Action? commits = null) : DbTransaction
{
    public string Ended { get; private set; } = "";

    public override IsolationLevel IsolationLevel => IsolationLevel.ReadCommitted;

    protected override DbConnection? DbConnection => null;

    public override void Commit()
    {
        if (failure is not null)
            throw failure;
        commits?.Invoke();
        Ended += "committed";
    }

    public override void Rollback()
    {
        Ended += "rolled back";
        if (failure is not null)
            throw failure;
    }

    protected override void Dispose(bool disposing)
    {
        Ended += " disposed";
        base.Dispose(disposing);
    }
}

/// <summary>An error of a database with an SQLSTATE.</summary>
internal sealed class FakeDbException(string? state) : DbException("no")
{
    public override string? SqlState => state;
}
