using System.Globalization;
using Unstale.Boundary;

namespace Unstale.Redis.Log;

/// <summary>
/// Number of partitions of one log, shared by all partitions. Each partition stores the number on the server. A node started with another number
/// would look for keys in other partitions, so a mismatch in one partition prevents the node from following any partition.
/// </summary>
internal sealed class PartitionCount(string log, int count)
{
    private const int Unanswered = 0;

    private readonly int[] _stored = new int[count];
    private readonly TaskCompletionSource _confirmed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _text = count == 1 ? "" : count.ToString(CultureInfo.InvariantCulture);

    public int Count => count;

    /// <summary>Number as passed to scripts: empty for one partition.</summary>
    public string Text => _text;

    /// <summary>Records the number that the server stores for a partition.</summary>
    public void Stored(int partition, int number)
    {
        Volatile.Write(ref _stored[partition], number);
        if (partition == 0 && number == count)
        {
            _confirmed.TrySetResult();
        }
    }

    /// <summary>Returns the exception for a partition whose server stores another number.</summary>
    public Exception Refusal(int stored) => Errors.OtherPartitionCount(log, stored, count);

    /// <summary>Checks that every other partition stores the same number or has not replied yet.</summary>
    /// <exception cref="Link.NoConnectionException">Another partition stores a different number.</exception>
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
    /// Waits until a partition may begin a history. The first partition, which exists in a log of any number of partitions, must have confirmed the
    /// number before.
    /// </summary>
    /// <exception cref="Link.NoConnectionException">The first partition has not confirmed the number within the limit.</exception>
    public async Task ConfirmedAsync(int partition, TimeSpan limit, GuardedTime time, CancellationToken cancellationToken)
    {
        if (partition == 0)
        {
            return;
        }

        try
        {
            await _confirmed.Task.WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw Errors.FirstPartitionUnknown(log, partition);
        }
    }
}
