using System.Runtime.CompilerServices;
using Unstale.Telemetry;
using Xunit;

namespace Unstale.Tests.Telemetry;

public sealed class ThreadCounterTests
{
    [Fact]
    public void Eight_threads_lose_no_increment()
    {
        var counter = new PerThreadCounter();
        using var start = new Barrier(8);

        RunThreads(8, () =>
        {
            start.SignalAndWait(TestContext.Current.CancellationToken);
            Add(counter, 1_000_000);
        });

        Assert.Equal(8_000_000, counter.Value);
    }

    [Fact]
    public void The_count_of_an_ended_thread_is_kept_and_the_thread_is_released()
    {
        var counter = new PerThreadCounter();

        for (var round = 1; round <= 200; round++)
        {
            RunThreads(1, () => Add(counter, 10));
            Assert.Equal(10 * round, counter.Value);
        }

        Assert.InRange(PerThreadSlots.KnownThreads, 0, 100);
    }

    [Fact]
    public void Ended_threads_are_released_although_the_counter_is_never_read()
    {
        var counter = new PerThreadCounter();

        for (var round = 0; round < 500; round++)
            RunThreads(1, counter.Increment);

        Assert.InRange(PerThreadSlots.KnownThreads, 0, 300);
        Assert.Equal(500, counter.Value);
    }

    [Fact]
    public void Many_counters_on_many_threads_do_not_mix()
    {
        var counters = Enumerable.Range(0, 500).Select(_ => new PerThreadCounter()).ToArray();

        RunThreads(4, () =>
        {
            for (var i = 0; i < counters.Length; i++)
                Add(counters[i], i);
        });

        Assert.Equal(Enumerable.Range(0, 500).Select(i => 4L * i), counters.Select(counter => counter.Value));
    }

    [Fact]
    public void A_new_counter_starts_at_zero_in_the_slot_of_a_collected_counter()
    {
        for (var round = 0; round < 5; round++)
        {
            UseAndForget(1000);
            GC.Collect();
            GC.WaitForPendingFinalizers();

            var fresh = Enumerable.Range(0, 1000).Select(_ => new PerThreadCounter()).ToArray();
            Assert.All(fresh, counter => Assert.Equal(0, counter.Value));
            fresh[round].Increment();
            Assert.Equal(1, fresh.Sum(counter => counter.Value));
        }
    }

    [Fact]
    public void A_count_stays_exact_while_other_counters_are_created_and_collected()
    {
        var counter = new PerThreadCounter();

        RunThreads(4, () =>
        {
            for (var i = 0; i < 200; i++)
            {
                new PerThreadCounter().Increment();
                Add(counter, 1000);
                if (i % 50 == 0)
                    GC.Collect();
            }
        });

        Assert.Equal(4 * 200 * 1000, counter.Value);
    }

    [Fact]
    public void Counting_allocates_nothing_after_the_first_time()
    {
        var counter = new PerThreadCounter();
        counter.Increment();

        var before = GC.GetAllocatedBytesForCurrentThread();
        Add(counter, 1000);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void UseAndForget(int counters)
    {
        for (var i = 0; i < counters; i++)
            Add(new PerThreadCounter(), 3);
    }

    private static void Add(PerThreadCounter counter, int times)
    {
        for (var i = 0; i < times; i++)
            counter.Increment();
    }

    private static void RunThreads(int count, Action work)
    {
        var threads = Enumerable.Range(0, count).Select(_ => new Thread(() => work())).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
    }
}
