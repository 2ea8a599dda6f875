using System.Globalization;
using Unstale.Boundary;

namespace Unstale.Redis.Log;

/// <summary>
/// Number of partitions of one log, shared by all of them. Each partition stores it on the server. A node that was started with another number
/// would look for keys in other partitions, so one partition that disagrees keeps all of them from being followed.
/// </summary>
internal sealed class PartitionCount(string log, int count)
{
    private const int Unanswered = 0;

    private readonly int[] _stored = new int[count];
    private readonly string _text = count == 1 ? "" : count.ToString(CultureInfo.InvariantCulture);

    /// <summary>Number that was reported as another one; none since all agreed.</summary>
    private int _reported;

    /// <summary>Completes when the first partition confirms the number; replaced when that partition loses its history or holds another number.</summary>
    private TaskCompletionSource _confirmed = NewSource();

    public int Count => count;

    /// <summary>The number as scripts take it: nothing for one.</summary>
    public string Text => _text;

    /// <summary>Notes that the server holds a partition in the number of this process.</summary>
    public void Agreed(int partition)
    {
        Volatile.Write(ref _stored[partition], count);
        Volatile.Write(ref _reported, Unanswered);
        if (partition == 0)
        {
            Volatile.Read(ref _confirmed).TrySetResult();
        }
    }

    /// <summary>Notes that the server holds no history of a partition: the number that it had is gone with it.</summary>
    public void Gone(int partition) => Withdraw(partition, Unanswered);

    /// <summary>Notes that the server holds a partition in another number; true if that is to be reported.</summary>
    public bool Refused(int partition, int stored)
    {
        Withdraw(partition, stored);
        return Interlocked.Exchange(ref _reported, stored) != stored;
    }

    /// <summary>The reason to refuse a partition whose server holds another number.</summary>
    public Exception Refusal(int stored) => Errors.OtherPartitionCount(log, stored, count);

    /// <summary>Whether the server held a partition in the number of this process when it answered last.</summary>
    public bool HasAgreed(int partition) => Volatile.Read(ref _stored[partition]) == count;

    /// <summary>Checks that no other partition disagrees.</summary>
    /// <exception cref="Link.NoConnectionException">One does.</exception>
    public void Check(int partition)
    {
        for (var other = 0; other < count; other++)
        {
            if (other != partition && Volatile.Read(ref _stored[other]) is var stored && stored != Unanswered && stored != count)
            {
                throw Refusal(stored);
            }
        }
    }

    /// <summary>
    /// Waits until a partition may begin a history: the first partition, which a log of any number has, must have confirmed the number.
    /// </summary>
    /// <exception cref="Link.NoConnectionException">It has not within the limit.</exception>
    public async Task ConfirmedAsync(int partition, TimeSpan limit, GuardedTime time, CancellationToken cancellationToken)
    {
        if (partition == 0)
        {
            return;
        }

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

    /// <summary>Notes a number other than that of this process. The confirmation of the first partition is void with it.</summary>
    private void Withdraw(int partition, int stored)
    {
        Volatile.Write(ref _stored[partition], stored);
        if (partition == 0 && Volatile.Read(ref _confirmed).Task.IsCompleted)
        {
            Volatile.Write(ref _confirmed, NewSource());
        }
    }
}
