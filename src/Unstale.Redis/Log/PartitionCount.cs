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
    private readonly TaskCompletionSource _confirmed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _text = count == 1 ? "" : count.ToString(CultureInfo.InvariantCulture);

    public int Count => count;

    /// <summary>The number as scripts take it: nothing for one.</summary>
    public string Text => _text;

    /// <summary>Notes the number that the server holds for a partition.</summary>
    public void Stored(int partition, int number)
    {
        Volatile.Write(ref _stored[partition], number);
        if (partition == 0 && number == count)
        {
            _confirmed.TrySetResult();
        }
    }

    /// <summary>The reason to refuse a partition whose server holds another number.</summary>
    public Exception Refusal(int stored) => Errors.OtherPartitionCount(log, stored, count);

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
            await _confirmed.Task.WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw Errors.FirstPartitionUnknown(log, partition);
        }
    }
}
