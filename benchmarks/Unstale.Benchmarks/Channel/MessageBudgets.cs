using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Measuring;
using Unstale.Benchmarks.Redis;
using Unstale.Redis.Channel;

namespace Unstale.Benchmarks.Channel;

/// <summary>Cost of a message without its transport over the server.</summary>
internal static class MessageBudgets
{
    private const double Limit = 10;

    public static IEnumerable<BudgetLine> Measure(RedisScale scale)
    {
        var figures = scale.Gets.Medians(new Contender(Write, ChannelMessages.Count), new Contender(Read, ChannelMessages.Count));
        var (write, read) = (figures[0] / 1_000, figures[1] / 1_000);
        yield return new("message, write", "µs", write);
        yield return new("message, read", "µs", read);
        yield return new("message, write and read", "µs", write + read) { Limit = Limit };
        yield return new("message, write, bytes allocated", "B", MemoryUse.AllocatedBy(() => Write(ChannelMessages.Count, 0)) / ChannelMessages.Count);
        yield return new("message, read, bytes allocated", "B", MemoryUse.AllocatedBy(() => Read(ChannelMessages.Count, 0)) / ChannelMessages.Count);
    }

    private static void Write(int count, int thread)
    {
        for (var i = 0; i < count; i++)
        {
            if (ChannelMessages.All[i].ToUtf8().Length != ChannelMessages.PayloadBytes)
                throw new InvalidOperationException("A message was written otherwise than before.");
        }
    }

    private static void Read(int count, int thread)
    {
        for (var i = 0; i < count; i++)
        {
            if (!InvalidationMessage.TryParse(ChannelMessages.Payloads[i], out _, out var reason))
                throw new InvalidOperationException($"A message was not read: {reason}.");
        }
    }
}
