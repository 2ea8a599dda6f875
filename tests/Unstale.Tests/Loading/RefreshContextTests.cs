using System.Diagnostics;
using System.Globalization;
using System.Transactions;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Queries;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Unstale.Tests.Transactions;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>A background refresh never starts inside a unit of work, and runs in its caller's flow without the parts of that unit.</summary>
[Collection(nameof(NoOtherFlows))]
public sealed class RefreshContextTests
{
    private static readonly UnstaleEntryOptions Options = new() { Expiration = TimeSpan.FromMinutes(10), FreshFor = TimeSpan.FromSeconds(10) };
    private static readonly AsyncLocal<string?> Tenant = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> UnitsAndReads
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (var unit in Units.Keys)
            {
                foreach (var read in Reads.Keys)
                    all.Add(unit, read);
            }

            return all;
        }
    }

    public static TheoryData<string> ReadNames => [.. Reads.Keys];

    /// <summary>Units of work that run a read and are not committed.</summary>
    private static Dictionary<string, Func<CacheUnderTest, Func<Task>, Task>> Units { get; } = new(StringComparer.Ordinal)
    {
        ["scope"] = static async (test, read) =>
        {
            using (test.Invalidator.BeginScope())
                await read();
        },
        ["scope with a completed one inside"] = static async (test, read) =>
        {
            using (test.Invalidator.BeginScope())
            {
                using var inner = test.Invalidator.BeginScope();
                await inner.CompleteAsync(Stop);
                await read();
            }
        },
        ["transaction scope"] = static async (_, read) =>
        {
            using (new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
                await read();
        },
        ["completed transaction scope that is not disposed"] = static async (_, read) =>
        {
            using var transaction = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled);
            transaction.Complete();
            await read();
        },
        ["invalidating transaction"] = static async (test, read) =>
        {
            await using (new InvalidatingTransaction(new FakeDbTransaction(), test.Invalidator))
                await read();
        },
        ["scope of another cache's log"] = static async (_, read) =>
        {
            await using var other = new CacheUnderTest();
            using (other.Invalidator.BeginScope())
                await read();
        },
        ["load inside a scope"] = static async (test, read) =>
        {
            using (test.Invalidator.BeginScope())
            {
                await test.Cache.GetOrCreateAsync("outer", async _ =>
                {
                    await read();
                    return 1;
                }, cancellationToken: Stop);
            }
        },
        ["handler of a domain event"] = static async (test, read) =>
        {
            var events = test.Services.GetRequiredService<IDomainEvents>();
            using var subscribed = events.Subscribe<string>((_, _) => new ValueTask(read()));
            using (test.Invalidator.BeginScope())
                await events.PublishAsync("placed", Stop);
        },
    };

    private static Dictionary<string, Func<CacheUnderTest, Func<string>, ValueTask<string>>> Reads { get; } = new(StringComparer.Ordinal)
    {
        ["key"] = static (test, load) => test.Cache.GetOrCreateAsync("k", _ => new ValueTask<string>(load()), Options, cancellationToken: Stop),
        ["copied value"] = static async (test, load) =>
            (await test.Cache.GetOrCreateAsync("k", _ => new ValueTask<List<string>>([load()]), Options, cancellationToken: Stop))[0],
        ["state and context"] = static (test, load) =>
            test.Cache.GetOrCreateAsync("k", load, static (l, _, _) => new ValueTask<string>(l()), Options, cancellationToken: Stop),
        ["result"] = static async (test, load) =>
            (await test.Cache.GetOrCreateResultAsync("k", (_, _) => new ValueTask<string>(load()), Options, cancellationToken: Stop)).Value,
        ["namespace"] = static (test, load) =>
            test.Cache.Namespace("n").GetOrCreateAsync("k", _ => new ValueTask<string>(load()), Options, cancellationToken: Stop),
        ["query cache"] = static (test, load) =>
            test.Services.GetRequiredService<QueryCache>().ExecuteAsync(new NameQuery(), (_, _) => new ValueTask<string>(load()), Stop),
    };

    [Theory]
    [MemberData(nameof(UnitsAndReads))]
    public async Task A_read_inside_a_unit_of_work_starts_no_refresh(string unit, string read)
    {
        await using var test = NewCache();
        var (value, loads) = ("committed", 0);
        ValueTask<string> Read() => Reads[read](test, () =>
        {
            Interlocked.Increment(ref loads);
            return Volatile.Read(ref value);
        });
        await Read();
        test.Clock.Advance(TimeSpan.FromSeconds(11));
        await Units[unit](test, async () =>
        {
            Volatile.Write(ref value, "dirty");
            Assert.Equal("committed", await Read());
            await PoolIsDoneAsync();
        });
        Volatile.Write(ref value, "committed");
        Assert.Equal(1, loads);
        Assert.Equal("committed", await Read());
        await Eventually.Holds("a read after the unit of work refreshes", () => Volatile.Read(ref loads) == 2);
        Assert.Equal("committed", await Read());
    }

    [Fact]
    public async Task A_remote_value_past_its_freshness_that_is_read_inside_a_unit_of_work_starts_no_refresh()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.A.ReadAsync("k", source, Options);
        cluster.Advance(90);
        source.Value = "dirty";
        var probe = new UnstaleEntryOptions { Expiration = Options.Expiration, FreshFor = Options.FreshFor, Flags = Microsoft.Extensions.Caching.Hybrid.HybridCacheEntryFlags.DisableUnderlyingData };
        using (cluster.B.Invalidator.BeginScope())
        {
            Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Remote), await cluster.B.ReadAsync("k", source, probe));
            await PoolIsDoneAsync();
        }

        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Stale), await cluster.B.ReadAsync("k", source, probe));
        Assert.Equal(1, source.Loads);
    }

    [Theory]
    [MemberData(nameof(ReadNames))]
    public async Task A_refresh_runs_in_its_caller_s_tenant_and_culture(string read)
    {
        await using var test = NewCache();
        ValueTask<string> Read() => Reads[read](test, static () => $"{Tenant.Value}, {1234.5.ToString("N1", CultureInfo.CurrentCulture)}");
        async Task<string> RequestAsync()
        {
            Tenant.Value = "acme";
            CultureInfo.CurrentCulture = WithDecimalComma();
            return await Read();
        }

        Assert.Equal("acme, 1.234,5", await RequestAsync());
        test.Clock.Advance(TimeSpan.FromSeconds(11));
        await RequestAsync();
        await Eventually.Holds("the refreshed value is held", () => Live(test));
        Assert.Equal("acme, 1.234,5", await Read());
    }

    [Fact]
    public async Task A_refresh_of_a_value_that_is_served_once_more_runs_in_its_caller_s_flow()
    {
        await using var test = NewCache();
        ValueTask<string> Read() => test.Cache.GetOrCreateAsync("k", static _ => new ValueTask<string>($"of {Tenant.Value}"), Options, ["t"], Stop);
        Tenant.Value = "acme";
        await Read();
        await test.Node.RaiseOnceAsync("t");
        await Read();
        Tenant.Value = null;
        await Eventually.Holds("the refreshed value is held", () => Live(test));
        Assert.Equal("of acme", await Read());
    }

    [Fact]
    public async Task A_refresh_of_a_remote_value_runs_in_its_caller_s_flow()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.A.ReadAsync("k", source, Options);
        cluster.Advance(90);
        Tenant.Value = "acme";
        ValueTask<string> Read() => cluster.B.Cache.GetOrCreateAsync("k", static _ => new ValueTask<string>($"of {Tenant.Value}"), Options, cancellationToken: Stop);
        Assert.Equal("v1", await Read());
        Tenant.Value = null;
        await Eventually.Holds("the refreshed value is held", () => cluster.B.Cache.TryGet("k", out string held) && held == "of acme");
    }

    [Fact]
    public async Task A_refresh_runs_without_the_scope_transaction_bypass_and_recording_of_its_caller()
    {
        await using var test = NewCache();
        await using var other = new CacheUnderTest();
        await other.Cache.SetAsync("held", "by the other cache", cancellationToken: Stop);
        var seen = new TaskCompletionSource<string>();
        var isRefresh = false;
        async ValueTask<string> LoadAsync(CancellationToken token)
        {
            if (!Volatile.Read(ref isRefresh))
                return "first";
            var held = await other.Cache.GetOrCreateAsync("held", static _ => new ValueTask<string>("loaded past the cache"), cancellationToken: token);
            await test.Cache.GetOrCreateAsync("part", static _ => new ValueTask<string>("part"), cancellationToken: token);
            await test.Invalidator.InvalidateKeyAsync("unrelated", cancellationToken: token);
            seen.SetResult($"{held}, transaction {Transaction.Current is not null}, activity {Activity.Current?.OperationName ?? "none"}");
            return "second";
        }

        async Task<string> ReadAsync() => await test.Cache.GetOrCreateAsync("k", LoadAsync, Options, cancellationToken: Stop);
        await ReadAsync();
        test.Clock.Advance(TimeSpan.FromSeconds(11));
        Volatile.Write(ref isRefresh, true);
        using (other.Cache.BypassScope())
            await test.Cache.GetOrCreateAsync("outer", async _ => await ReadAsync(), cancellationToken: Stop);
        Assert.Equal("by the other cache, transaction False, activity none", await Eventually.Ends("the refresh has looked", seen.Task));
        await Eventually.Holds("the refreshed value is held", () => test.Cache.Inspect("k")?.State == EntryState.Live);
        Assert.Equal(["part"], test.Cache.Inspect("k")!.Dependencies);
        Assert.Equal(["k"], test.Cache.Inspect("outer")!.Dependencies);
    }

    [Fact]
    public async Task A_refresh_that_a_scope_without_a_transaction_started_survives_the_end_of_that_scope()
    {
        await using var test = NewCache();
        var (began, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var loads = 0;
        async ValueTask<string> LoadAsync(CancellationToken token)
        {
            if (Interlocked.Increment(ref loads) == 1)
                return "first";
            began.SetResult();
            await goOn.Task.WaitAsync(token);
            return $"second, transaction {Transaction.Current is not null}";
        }

        await test.Cache.GetOrCreateAsync("k", LoadAsync, Options, cancellationToken: Stop);
        test.Clock.Advance(TimeSpan.FromSeconds(11));
        using (var suppressed = new TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled))
        {
            await test.Cache.GetOrCreateAsync("k", LoadAsync, Options, cancellationToken: Stop);
            await Eventually.Ends("the refresh has begun", began.Task);
            suppressed.Complete();
            goOn.SetResult();
            await Eventually.Holds("the refreshed value is held", () => test.Cache.Inspect("k")?.State == EntryState.Live);
        }

        Assert.Equal("second, transaction False", await test.Cache.GetOrCreateAsync("k", LoadAsync, Options, cancellationToken: Stop));
    }

    [Fact]
    public async Task A_refresh_started_in_a_suppressed_flow_runs_without_the_flow_of_its_caller()
    {
        await using var test = NewCache();
        Tenant.Value = "acme";
        ValueTask<string> Read() => test.Cache.GetOrCreateAsync("k", static _ => new ValueTask<string>($"of {Tenant.Value ?? "nobody"}"), Options, cancellationToken: Stop);
        await Read();
        test.Clock.Advance(TimeSpan.FromSeconds(11));
        ValueTask<string> stale;
        using (ExecutionContext.SuppressFlow())
            stale = Read();
        Assert.Equal("of acme", await stale);
        await Eventually.Holds("the refreshed value is held", () => Live(test));
        Assert.Equal("of nobody", await Read());
    }

    [Fact]
    public async Task The_activity_of_a_refresh_links_to_the_activity_of_the_request_and_is_not_its_child()
    {
        var refreshed = new TaskCompletionSource<Activity>();
        using var request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C);
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Unstale",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.Links.Any(link => link.Context.SpanId == request.SpanId))
                    refreshed.TrySetResult(activity);
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var test = NewCache();
        ValueTask<string> Read() => test.Cache.GetOrCreateAsync("k", static _ => new ValueTask<string>("v"), Options, cancellationToken: Stop);
        await Read();
        test.Clock.Advance(TimeSpan.FromSeconds(11));
        request.Start();
        await Read();
        request.Stop();
        var activity = await Eventually.Ends("the refresh has ended", refreshed.Task);
        Assert.Equal(("unstale.load", default(ActivitySpanId)), (activity.OperationName, activity.ParentSpanId));
        Assert.NotEqual(request.TraceId, activity.TraceId);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_async_flow_of_the_caller_is_collectable_after_the_refresh_has_ended(bool withRemote)
    {
        await using var cluster = new TestCluster(1, withRemote: withRemote);
        var source = new Source();
        await cluster.A.ReadAsync("k", source, Options);
        cluster.Advance(11);
        var flowed = await RequestAsync(cluster, source);
        await Eventually.Holds("the refresh has ended", () => cluster.A.Cache.Inspect("k")?.State == EntryState.Live);
        await Eventually.Holds("the flow is collected", () => !flowed.IsAlive, GC.Collect);
    }

    private static async Task<WeakReference> RequestAsync(TestCluster cluster, Source source)
    {
        var flow = new AsyncLocal<object?> { Value = new object() };
        await cluster.A.ReadAsync("k", source, Options);
        var flowed = new WeakReference(flow.Value);
        flow.Value = null;
        return flowed;
    }

    /// <summary>Creates a culture with a decimal comma. The machine may have only the invariant one.</summary>
    private static CultureInfo WithDecimalComma()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (culture.NumberFormat.NumberDecimalSeparator, culture.NumberFormat.NumberGroupSeparator) = (",", ".");
        return culture;
    }

    private static CacheUnderTest NewCache() => new(services: static services => services.AddUnstale().AddQueryCache().AddDomainEvents());

    private static bool Live(CacheUnderTest test) =>
        new[] { "k", test.Cache.Namespace("n").KeyOf("k"), test.Services.GetRequiredService<QueryCache>().KeyOf(new NameQuery())! }.Any(key => test.Cache.Inspect(key) is { State: EntryState.Live });

    /// <summary>Waits until work queued on the thread pool earlier has begun.</summary>
    private static async Task PoolIsDoneAsync()
    {
        for (var i = 0; i < 10; i++)
            await Task.Run(static () => { }, Stop);
    }

    private sealed record NameQuery : ICacheableQuery
    {
        public string CacheKey => "k";

        public TimeSpan? Expiration => Options.Expiration;

        public TimeSpan? FreshFor => Options.FreshFor;
    }
}
