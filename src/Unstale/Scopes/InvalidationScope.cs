using System.Transactions;

namespace Unstale;

/// <summary>
/// Collects what is raised in this flow of calls and raises it, as one record a log, when it is completed. Complete it when the commit has
/// succeeded; disposed without that, it raises nothing. Get one from <see cref="IInvalidator.BeginScope"/>.
/// </summary>
/// <remarks>
/// <para>
/// It takes what every <see cref="IInvalidator"/> and cache of the process is told inside: invalidations, changes, what is scheduled, removed or
/// set. <c>SetAsync</c> becomes an invalidation of its key. Rules are applied when it is completed. The calls return receipts that are
/// <see cref="ReceiptState.Pending"/> until then.
/// </para>
/// <para>
/// While it is open, the flow's reads of what it has raised go to the source, and nothing that the flow loads is kept: it may read what
/// is never committed. What runs in parallel inside belongs to it; other flows notice nothing.
/// </para>
/// <para>
/// A scope begun inside another hands what it has to that one. One begun inside a <see cref="TransactionScope"/> hands it to the transaction, which
/// raises it when it is committed. One around a transaction does not take what is raised inside.
/// </para>
/// </remarks>
public sealed class InvalidationScope : IDisposable
{
    private static readonly TimeSpan LongestLag = TimeSpan.FromHours(1);

    private readonly IScopeRaiser _raiser;
    private readonly ScopeLedger? _handsTo;
    private int _state;

    /// <param name="raiser">Whose receipt is returned.</param>
    /// <param name="joinsOuter">False: its completion alone says whether the work came about.</param>
    internal InvalidationScope(IScopeRaiser raiser, bool joinsOuter)
    {
        var (transaction, isCompleting) = ScopeFlow.AmbientTransaction();
        _raiser = raiser;
        Around = ScopeFlow.Innermost;
        Ledger = new() { RepeatAfter = Around?.RepeatAfter ?? TimeSpan.Zero };
        if (joinsOuter)
        {
            var outer = ScopeFlow.ScopeOf(transaction, isCompleting);
            if (isCompleting && outer is null)
                throw Errors.TransactionIsCompleting();
            _handsTo = outer?.Ledger ?? (transaction is null ? null : TransactionLedgers.Of(transaction));
            transaction = outer?.Transaction ?? transaction;
        }

        Transaction = transaction;
        _handsTo?.OpenedInside();
        ScopeFlow.Enter(this);
    }

    /// <summary>
    /// After which time what is raised in this scope is raised once more, from zero (never) to an hour: for loads that read a replica, which
    /// may not have the write yet. It holds for calls that follow; where <see cref="UnstaleOptions.RepeatAfter"/> of their cache is longer, that
    /// holds. Default: that of the scope around, or zero.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative, or above an hour.</exception>
    public TimeSpan RepeatAfter
    {
        get => Ledger.RepeatAfter;
        set
        {
            if (value < TimeSpan.Zero || value > LongestLag)
                throw Errors.RepeatAfter(value, LongestLag);
            Ledger.RepeatAfter = value;
        }
    }

    internal ScopeLedger Ledger { get; }

    /// <summary>The scope that was open when this one began, whatever it belongs to.</summary>
    internal InvalidationScope? Around { get; }

    /// <summary>The transaction that it is part of; only compared, for it may be disposed.</summary>
    internal Transaction? Transaction { get; }

    internal bool IsOpen => Volatile.Read(ref _state) == (int)ScopeState.Open;

    /// <summary>
    /// Says that the work was committed. All that was raised in it is in force on this node when the call has begun to wait; it returns when the
    /// log has it, or has not taken it within <see cref="UnstaleOptions.AppendDeadline"/>. Inside another scope or a transaction it hands
    /// everything on and returns at once.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting, never the invalidation.</param>
    /// <returns>
    /// The receipt of the log whose <see cref="IInvalidator"/> began the scope; without positions if nothing was raised in it. What was raised in
    /// other logs has the receipts that the calls returned. Inside another scope or a transaction it is pending until that one ends.
    /// </returns>
    /// <exception cref="InvalidOperationException">
    /// It was completed before, a scope that was begun inside is still open, or this flow of calls is not the one that began it.
    /// </exception>
    /// <exception cref="ObjectDisposedException">It was disposed before, or the services were.</exception>
    /// <exception cref="LogAwayException">The log has not taken it, and the options want that thrown.</exception>
    public ValueTask<InvalidationReceipt> CompleteAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfItCannotComplete();
        var (outcome, raise) = ComeAbout();
        return raise == ScopeRaise.Nothing ? new(outcome.Raised ?? outcome.Receipt) : ToldAsync(outcome, raise, cancellationToken);
    }

    /// <summary>Ends it. What was raised in it and not completed is forgotten.</summary>
    /// <exception cref="InvalidOperationException">A scope that was begun inside is still open.</exception>
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
        if (!ScopeFlow.IsWithin(this))
            throw Errors.ScopeOfAnotherFlow();
    }

    /// <summary>Everything is in force when this returns, unless it is handed on.</summary>
    internal (ScopeOutcome Outcome, ScopeRaise Raise) ComeAbout()
    {
        if (Interlocked.CompareExchange(ref _state, (int)ScopeState.Raised, (int)ScopeState.Open) != (int)ScopeState.Open)
            throw Errors.ScopeCompletedTwice();
        var outcome = Ledger.OutcomeOf(_raiser);
        var raise = _handsTo is null ? Ledger.Raise() : Ledger.HandTo(_handsTo);
        Left();
        return (outcome, raise);
    }

    private static async ValueTask<InvalidationReceipt> ToldAsync(ScopeOutcome outcome, ScopeRaise raise, CancellationToken cancellationToken)
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
        ScopeFlow.Leave(this);
        _handsTo?.ClosedInside();
    }

    private void ThrowIfOpenInside()
    {
        if (Ledger.OpenInside is var open and > 0)
            throw Errors.ScopeOpenInside(open);
    }
}
