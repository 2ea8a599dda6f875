using Microsoft.Extensions.DependencyInjection;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Hosting;

/// <summary>Strings of any kind, accepted or refused by a cache in the same way with and without a server.</summary>
public sealed class TextAcceptanceTests : IAsyncLifetime
{
    private RedisServer _server = null!;
    private ServiceProvider _remote = null!;
    private ServiceProvider _second = null!;
    private ServiceProvider _local = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Doors => [.. All.Keys];

    /// <summary>Strings that cannot be written in an attribute.</summary>
    private static Dictionary<string, string> Texts { get; } = new(StringComparer.Ordinal)
    {
        ["plain"] = "plain",
        ["cut in the middle of an emoji"] = "Order \ud83d",
        ["low half first"] = "\udd11 key",
        ["NUL inside"] = "a\0b",
        ["NUL in front"] = "\0a",
        ["NUL alone"] = "\0",
        ["line ends"] = "a\r\nb",
        ["emoji"] = "🔑",
        ["right to left"] = "\u202eabc\u0301",
        ["not a character"] = "\uffff\ufffe",
        ["braces"] = "a{b}c",
        ["50,000 characters"] = new('x', 50_000),
        ["50,000 characters of three bytes"] = new('中', 50_000),
        ["blank"] = " ",
        ["empty"] = "",
    };

    private static Dictionary<string, Func<UnstaleCache, string, Task<string>>> All { get; } = new(StringComparer.Ordinal)
    {
        ["key that is read"] = static async (c, t) =>
        {
            await c.GetOrCreateAsync(t, static _ => new ValueTask<string>("v"), cancellationToken: Stop);
            return c.TryGet<string>(t, out var held) ? held : "not kept";
        },
        ["key that is set"] = static async (c, t) =>
        {
            await c.SetAsync(t, "v", cancellationToken: Stop);
            return c.TryGet<string>(t, out var held) ? held : "not kept";
        },
        ["key that is removed"] = static async (c, t) =>
        {
            await c.RemoveAsync(t, Stop);
            return "removed";
        },
        ["keys of a batch"] = static async (c, t) => (await c.Invalidator.InvalidateAsync(["other", t], cancellationToken: Stop)).State.ToString(),
        ["tag that is carried"] = static async (c, t) =>
        {
            await c.GetOrCreateAsync($"tagged {t.Length}", static _ => new ValueTask<string>("v"), tags: ["first", t], cancellationToken: Stop);
            await c.RemoveByTagAsync(t, Stop);
            return c.TryGet<string>($"tagged {t.Length}", out _) ? "still held" : "taken";
        },
        ["pattern"] = static async (c, t) => (await c.Invalidator.InvalidatePatternAsync(new GlobPattern(t + "*"), cancellationToken: Stop)).State.ToString(),
        ["all of"] = static async (c, t) => (await c.Invalidator.InvalidateAsync(allOf: ["a", t], cancellationToken: Stop)).State.ToString(),
        ["reason"] = static async (c, t) => (await c.Invalidator.InvalidateKeyAsync("k", t, Stop)).State.ToString(),
        ["id of a change"] = static async (c, t) => (await c.Invalidator.ChangedAsync("thing", t, cancellationToken: Stop)).State.ToString(),
        ["type of a change"] = static async (c, t) => (await c.Invalidator.ChangedAsync(t, "1", cancellationToken: Stop)).State.ToString(),
        ["field of a change"] = static async (c, t) => (await c.Invalidator.ChangedAsync("thing", "1", fields: [t], cancellationToken: Stop)).State.ToString(),
        ["context of a change"] = static async (c, t) => (await c.Invalidator.ChangedAsync("thing", "1", context: new Dictionary<string, object?> { ["a"] = t }, cancellationToken: Stop)).State.ToString(),
        ["namespace"] = static async (c, t) =>
        {
            await c.Namespace(t).SetAsync("k", "v", cancellationToken: Stop);
            return c.Namespace(t).TryGet<string>("k", out var held) ? held : "not kept";
        },
        ["value that is read"] = static async (c, t) =>
        {
            var first = await c.GetOrCreateAsync("value", _ => new ValueTask<string>(t), cancellationToken: Stop);
            var answer = first == t && c.TryGet<string>("value", out var held) ? held == t ? "kept" : "another" : "not kept";
            await c.RemoveAsync("value", Stop);
            return answer;
        },
        ["value that is set"] = static async (c, t) =>
        {
            await c.SetAsync("value", t, cancellationToken: Stop);
            return c.TryGet<string>("value", out var held) ? held == t ? "kept" : "another" : "not kept";
        },
    };

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _remote = Build(_server.EndPoint.ToString());
        _second = Build(_server.EndPoint.ToString());
        _local = Build(redis: null);
        foreach (var node in new[] { _remote, _second })
            await Eventually.TrueAsync("the node is trusted", () => Task.FromResult(CacheOf(node).GetLogState().IsTrusted));
    }

    public async ValueTask DisposeAsync()
    {
        await _remote.DisposeAsync();
        await _second.DisposeAsync();
        await _local.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task A_text_has_the_same_result_in_process_and_with_a_server(string door)
    {
        foreach (var (name, text) in Texts)
        {
            var (local, remote) = (await AnswerAsync(_local, door, text), await AnswerAsync(_remote, door, text));
            Assert.True(local == remote, $"{door}, {name}: {local} in process, {remote} with a server");
        }
    }

    [Fact]
    public async Task A_string_set_on_one_node_is_read_unchanged_on_another_node()
    {
        foreach (var (name, text) in Texts.Where(static one => one.Value.Length < 10_000))
        {
            await CacheOf(_remote).SetAsync("value", text, cancellationToken: Stop);
            var read = await CacheOf(_second).GetOrCreateResultAsync("value", static (_, _) => new ValueTask<string>("loaded"), cancellationToken: Stop);
            Assert.True(read.Value == text && read.Outcome == CacheOutcome.Remote, $"{name}: {read.Outcome}");
            await CacheOf(_remote).RemoveAsync("value", Stop);
            await Eventually.TrueAsync("the other node has removed it", () => Task.FromResult(!CacheOf(_second).TryGet<string>("value", out _)));
        }
    }

    private static async Task<string> AnswerAsync(ServiceProvider node, string door, string text)
    {
        try
        {
            return await All[door](CacheOf(node), text);
        }
        catch (ArgumentException refused)
        {
            return refused.Message;
        }
    }

    private static UnstaleCache CacheOf(ServiceProvider node) => node.GetRequiredService<UnstaleCache>();

    private static ServiceProvider Build(string? redis)
    {
        var services = new ServiceCollection().AddLogging();
        var cache = services.AddUnstale(static o => (o.MaximumKeyLength, o.MaximumPayloadBytes) = (65_536, 100_000));
        if (redis is not null)
            cache.UseRedis(redis);
        return services.BuildServiceProvider();
    }
}
