using System.Buffers;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Tests.Cluster;
using Xunit;

namespace Unstale.Tests.Store;

/// <summary>The source was written, and the write into the cache fails before its record: the old value must not stay in force.</summary>
public sealed class WritesThatFail
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Failures =>
        ["serializer throws", "cycle", "tag list throws", "tag is empty", "tag is null", "tag is everything", "tag is too long", "token is cancelled", "no version"];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_set_that_fails_invalidates_its_key_and_then_throws(string failure)
    {
        if (failure == "no version")
            return;
        await using var cluster = NewCluster(out var source);
        await AssertGoneAsync(cluster, source, () => SetAsync(cluster.A.Cache, "k", failure, throughNamespace: false));
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_write_through_that_fails_invalidates_its_key_and_then_throws(string failure)
    {
        await using var cluster = NewCluster(out var source);
        await AssertGoneAsync(cluster, source, () => WriteAsync(cluster.A.Cache, "k", failure));
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_set_in_a_namespace_that_fails_invalidates_its_key_and_then_throws(string failure)
    {
        if (failure == "no version")
            return;
        await using var cluster = NewCluster(out var source);
        var key = cluster.A.Cache.Namespace("n").KeyOf("k");
        await AssertGoneAsync(cluster, source, () => SetAsync(cluster.A.Cache, "k", failure, throughNamespace: true), key);
    }

    [Theory]
    [InlineData("no version")]
    [InlineData("token is cancelled")]
    public async Task An_invalidation_below_a_version_that_fails_invalidates_its_key_and_then_throws(string failure)
    {
        await using var cluster = NewCluster(out var source);
        await AssertGoneAsync(cluster, source, async () =>
        {
            await cluster.A.Cache.InvalidateBelowAsync("k", failure == "no version" ? default : new SourceVersion(7), new CancellationToken(failure == "token is cancelled"));
        });
    }

    [Fact]
    public async Task A_set_that_fails_inside_a_scope_leaves_the_invalidation_to_the_scope()
    {
        await using var cluster = NewCluster(out var source);
        await AssertGoneAsync(cluster, source, async () =>
        {
            Exception thrown;
            using (var scope = cluster.A.Invalidator.BeginScope())
            {
                thrown = (await Record.ExceptionAsync(() => SetAsync(cluster.A.Cache, "k", "tag list throws", throughNamespace: false)))!;
                await scope.CompleteAsync();
            }

            throw thrown;
        });
    }

    [Fact]
    public async Task The_failure_that_is_thrown_is_the_one_that_happened()
    {
        await using var cluster = NewCluster(out _);
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => SetAsync(cluster.A.Cache, "k", "serializer throws", throughNamespace: false));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SetAsync(cluster.A.Cache, "k", "token is cancelled", throughNamespace: false));
        await Assert.ThrowsAsync<ArgumentException>(() => SetAsync(cluster.A.Cache, "k", "tag is empty", throughNamespace: false));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => WriteAsync(cluster.A.Cache, "k", "no version"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => SetAsync(cluster.A.Cache, "k", "cache is disposed", throughNamespace: false));
    }

    private static async Task SetAsync(UnstaleCache cache, string key, string failure, bool throughNamespace)
    {
        if (failure == "cache is disposed")
            cache.Dispose();
        var token = new CancellationToken(failure == "token is cancelled");
        HybridCache face = throughNamespace ? cache.Namespace("n") : cache;
        if (failure == "serializer throws")
            await face.SetAsync(key, new Unwritable(), cancellationToken: token);
        else if (failure == "cycle")
            await face.SetAsync(key, new Ring(), cancellationToken: token);
        else
            await face.SetAsync(key, "v2", tags: TagsFor(failure), cancellationToken: token);
    }

    private static async Task WriteAsync(UnstaleCache cache, string key, string failure)
    {
        if (failure == "cache is disposed")
            cache.Dispose();
        var version = failure == "no version" ? default : new SourceVersion(7);
        var token = new CancellationToken(failure == "token is cancelled");
        if (failure == "serializer throws")
            await cache.WriteThroughAsync(key, new Unwritable(), version, cancellationToken: token);
        else if (failure == "cycle")
            await cache.WriteThroughAsync(key, new Ring(), version, cancellationToken: token);
        else
            await cache.WriteThroughAsync(key, "v2", version, tags: TagsFor(failure), cancellationToken: token);
    }

    private static IEnumerable<string>? TagsFor(string failure) => failure switch
    {
        "tag list throws" => ThrowingAfter(["a"]),
        "tag is empty" => [string.Empty],
        "tag is null" => [null!],
        "tag is everything" => ["*"],
        "tag is too long" => [new string('t', 5000)],
        _ => null,
    };

    private static IEnumerable<string> ThrowingAfter(string[] names)
    {
        foreach (var name in names)
            yield return name;
        throw new InvalidTimeZoneException("the list is broken");
    }

    private static TestCluster NewCluster(out Source source)
    {
        source = new Source();
        var cluster = new TestCluster(0);
        for (var i = 0; i < 2; i++)
            cluster.Add(more: static s => s.AddSingleton<IHybridCacheSerializer<Unwritable>, ThrowingSerializer>());
        return cluster;
    }

    /// <summary>Both nodes hold the value; afterwards neither memory nor the second level serves it.</summary>
    private static async Task AssertGoneAsync(TestCluster cluster, Source source, Func<Task> write, string key = "k")
    {
        await cluster.A.ReadAsync(key, source, tags: "t");
        await cluster.B.ReadAsync(key, source, tags: "t");
        source.Value = "v2";
        Assert.NotNull(await Record.ExceptionAsync(write));
        Assert.Equal("v2", (await cluster.B.ReadAsync(key, source, tags: "t")).Value);
    }

    private sealed class Unwritable;

    private sealed class Ring
    {
        public Ring Self => this;
    }

    private sealed class ThrowingSerializer : IHybridCacheSerializer<Unwritable>
    {
        public Unwritable Deserialize(ReadOnlySequence<byte> source) => new();

        public void Serialize(Unwritable value, IBufferWriter<byte> target) => throw new InvalidTimeZoneException("not today");
    }
}
