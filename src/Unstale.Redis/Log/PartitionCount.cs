using System.Globalization;
using Unstale.Boundary;
using Unstale.Redis.Connection;

namespace Unstale.Redis.Log;

/// <summary>
/// Number of partitions of one log, shared by all partitions. Each partition stores the number on the server. A node that was started with another
/// number would look for keys in other partitions, so a single partition that disagrees prevents this process from following any of them.
/// </summary>
internal sealed class PartitionCount(string log, int count)
{
    private const int Unanswered = 0;

    private readonly int[] _stored = new int[count];
    private readonly string _text = count == 1 ? "" : count.ToString(CultureInfo.InvariantCulture);

    /// <summary>Differing number that was logged last; none after a partition agreed.</summary>
    private int _reported;

    /// <summary>Completes when the first partition confirms the number; replaced when that partition loses its history or holds another number.</summary>
    private TaskCompletionSource _confirmed = NewSource();

    public int Count => count;

    /// <summary>Number as passed to scripts: empty for one partition.</summary>
    public string Text => _text;

    /// <summary>Records that the server stores the number of this process for a partition.</summary>
    public void Agreed(int partition)
    {
        Volatile.Write(ref _stored[partition], count);
        Volatile.Write(ref _reported, Unanswered);
        if (partition == 0)
            Volatile.Read(ref _confirmed).TrySetResult();
    }

    /// <summary>Records that the server stores no history of a partition, and so no number.</summary>
    public void Gone(int partition) => Withdraw(partition, Unanswered);

    /// <summary>Records a differing number stored for a partition. Returns true if the number must be logged.</summary>
    public bool Refused(int partition, int stored)
    {
        Withdraw(partition, stored);
        return Interlocked.Exchange(ref _reported, stored) != stored;
    }

    /// <summary>Returns the exception for a partition whose server stores another number.</summary>
    public Exception Refusal(int stored) => Errors.OtherPartitionCount(log, stored, count);

    /// <summary>Returns whether the newest reply for a partition contained the number of this process.</summary>
    public bool HasAgreed(int partition) => Volatile.Read(ref _stored[partition]) == count;

    /// <summary>Checks that every other partition stores the same number or has not replied yet.</summary>
    /// <exception cref="Connection.NoConnectionException">Another partition stores a different number.</exception>
    public void Check(int partition)
    {
        for (var other = 0; other < count; other++)
        {
            if (other != partition && Volatile.Read(ref _stored[other]) is var stored && stored != Unanswered && stored != count)
                throw Refusal(stored);
        }
    }

    /// <summary>
    /// Waits until a partition may begin a history. The first partition, which exists in a log of any number, must have confirmed the number.
    /// </summary>
    /// <exception cref="Connection.NoConnectionException">The first partition has not confirmed within the limit.</exception>
    public async Task ConfirmedAsync(int partition, TimeSpan limit, GuardedTime time, CancellationToken cancellationToken)
    {
        if (partition == 0)
            return;

        try
        {
            await Volatile.Read(ref _confirmed).Task.WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw Errors.FirstPartitionUnknown(log, partition);
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Records a number other than that of this process, which voids the confirmation of the first partition.</summary>
    private void Withdraw(int partition, int stored)
    {
        Volatile.Write(ref _stored[partition], stored);
        if (partition == 0 && Volatile.Read(ref _confirmed).Task.IsCompleted)
            Volatile.Write(ref _confirmed, NewSource());
    }
}
