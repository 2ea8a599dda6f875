using System.Transactions;
using Unstale.Transactions;
using Unstale.Values;

namespace Unstale;

/// <summary>
/// Collects the invalidations in this flow of calls, and appends them as one record per log on completion. Complete the scope when the commit has
/// succeeded. A scope disposed without completion invalidates nothing. Created by <see cref="IInvalidator.BeginScope"/>.
/// </summary>
/// <remarks>
/// <para>
/// Collects the calls to every <see cref="IInvalidator"/> and every cache of the process: invalidations, changes, scheduled invalidations, removals and
/// sets. <c>SetAsync</c> becomes an invalidation of its key. Rules are applied on completion. Until then the receipts of the calls are
/// <see cref="ReceiptState.Pending"/>.
/// </para>
/// <para>
/// While the scope is open, its flow loads invalidated entries from the source, and no value loaded by the flow is stored, because the data may never be
/// committed. Parallel work started inside belongs to the scope. Other flows are not affected.
/// </para>
/// <para>
/// A scope begun inside another scope hands its invalidations to the outer scope. A scope begun inside a <see cref="TransactionScope"/> hands its
/// invalidations to the transaction, where they are applied at the commit. A scope around a transaction does not collect the invalidations made inside the
/// transaction.
/// </para>
/// </remarks>
public sealed class InvalidationScope : IDisposable
{
    private static readonly TimeSpan LongestLag = TimeSpan.FromHours(1);

    private readonly IScopeRaiser _raiser;
    private readonly ScopeLedger? _handsTo;
    private int _state;

    /// <param name="raiser">Raiser whose receipt is returned.</param>
    /// <param name="joinsOuter">Whether the scope joins the surrounding scope or transaction. False: its own completion alone decides.</param>
    internal InvalidationScope(IScopeRaiser raiser, bool joinsOuter)
    {
        var (transaction, isCompleting) = AmbientScope.AmbientTransaction();
        _raiser = raiser;
        Around = AmbientScope.Innermost;
        Ledger = new() { ReplicationLag = Around?.ReplicationLag ?? TimeSpan.Zero };
        if (joinsOuter)
        {
            var outer = AmbientScope.ScopeOf(transaction, isCompleting);
            if (isCompleting && outer is null)
                throw Errors.TransactionIsCompleting();
            _handsTo = outer?.Ledger ?? (transaction is null ? null : TransactionLedgers.For(transaction));
            transaction = outer?.Transaction ?? transaction;
        }

        Transaction = transaction;
        _handsTo?.OpenedInside();
        AmbientScope.Enter(this);
    }

    /// <summary>
    /// Delay after which the invalidations of this scope are repeated once, from zero (never) to one hour. Intended for loads that read from a replica,
    /// which may not have the write yet. Applies to later calls. A longer <see cref="UnstaleOptions.ReplicationLag"/> of the called cache takes precedence.
    /// Default: the value of the surrounding scope, or zero.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or above one hour.</exception>
    public TimeSpan ReplicationLag
    {
        get => Ledger.ReplicationLag;
        set
        {
            if (value < TimeSpan.Zero || value > LongestLag)
                throw Errors.ReplicationLag(value, LongestLag);
            Ledger.ReplicationLag = value;
        }
    }

    internal ScopeLedger Ledger { get; }

    /// <summary>Scope that was open when this scope began, whether or not this scope joins it.</summary>
    internal InvalidationScope? Around { get; }

    /// <summary>Transaction to which the scope belongs. Only compared, because it may be disposed.</summary>
    internal Transaction? Transaction { get; }

    internal bool IsOpen => Volatile.Read(ref _state) == (int)ScopeState.Open;

    /// <summary>
    /// Completes the scope after the commit of its work. All collected invalidations are in force on this node before the call begins to wait. The call
    /// returns when the log has the records, or has not accepted them within <see cref="InvalidationLogOptions.AppendTimeout"/>. Inside another scope or a
    /// transaction the invalidations are handed over and the call returns at once.
    /// </summary>
    /// <param name="cancellationToken">Cancels the wait. The invalidation is not cancelled.</param>
    /// <returns>
    /// Receipt for the log of the <see cref="IInvalidator"/> that began the scope, without positions if nothing was invalidated there. Invalidations in
    /// other logs have the receipts returned by their calls. Inside another scope or a transaction the receipt is pending until the outer one ends.
    /// </returns>
    /// <exception cref="InvalidOperationException">
    /// The scope was completed before, a scope begun inside is still open, or the scope was begun in another flow of calls.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The scope or the services were disposed before.</exception>
    /// <exception cref="InvalidationLogUnavailableException">The log has not accepted the record, and the options require an exception.</exception>
    public ValueTask<InvalidationReceipt> CompleteAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfItCannotComplete();
        var (outcome, raise) = ComeAbout();
        return raise == ScopeCommit.Nothing ? new(outcome.Raised ?? outcome.Receipt) : EndedAsync(outcome, raise, cancellationToken);
    }

    /// <summary>Ends the scope. Invalidations that were not completed are discarded.</summary>
    /// <exception cref="InvalidOperationException">A scope begun inside is still open.</exception>
    public void Dispose()
    {
        if (Interlocked.CompareExchange(ref _state, (int)ScopeState.Dropped, (int)ScopeState.Open) != (int)ScopeState.Open)
            return;
        Left();
        Ledger.Drop();
        ThrowIfOpenInside();
    }

    internal void ThrowIfItCannotComplete()
    {
        if (!IsOpen)
            throw _state == (int)ScopeState.Dropped ? Errors.ScopeDisposed() : Errors.ScopeCompletedTwice();
        ThrowIfOpenInside();
        if (!AmbientScope.IsWithin(this))
            throw Errors.ScopeOfAnotherFlow();
    }

    /// <summary>Applies the collected invalidations. All are in force on return, unless handed to an outer scope or transaction.</summary>
    internal (ScopeOutcome Outcome, ScopeCommit Raise) ComeAbout()
    {
        if (Interlocked.CompareExchange(ref _state, (int)ScopeState.Raised, (int)ScopeState.Open) != (int)ScopeState.Open)
            throw Errors.ScopeCompletedTwice();
        var outcome = Ledger.OutcomeOf(_raiser);
        var raise = _handsTo is null ? Ledger.Raise() : Ledger.HandTo(_handsTo);
        Left();
        return (outcome, raise);
    }

    private static async ValueTask<InvalidationReceipt> EndedAsync(ScopeOutcome outcome, ScopeCommit raise, CancellationToken cancellationToken)
    {
        var failures = await raise.Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
        foreach (var failure in failures)
        {
            if (failure is not null)
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }

        return outcome.Raised!;
    }

    private void Left()
    {
        AmbientScope.Leave(this);
        _handsTo?.ClosedInside();
    }

    private void ThrowIfOpenInside()
    {
        if (Ledger.OpenInside is var open and > 0)
            throw Errors.ScopeOpenInside(open);
    }
}
