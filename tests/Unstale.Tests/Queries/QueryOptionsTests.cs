using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Unstale.Hosting;
using Unstale.Queries;
using Xunit;

namespace Unstale.Tests.Queries;

public sealed class QueryOptionsTests
{
    private const string Prefix = "it must not be empty, end with ':' or contain the wildcards '*', '?', '[', ']' and '\\'.";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, Action<IUnstaleBuilder>> Refused => new()
    {
        { "Query cache 'shop': Expiration is 00:00:00; it must be above zero.", static b => b.AddQueryCache(static o => o.Expiration = TimeSpan.Zero) },
        { $"Query cache 'shop': KeyPrefix is ''; {Prefix}", static b => b.AddQueryCache(static o => o.KeyPrefix = "") },
        { $"Query cache 'shop': KeyPrefix is 'a*'; {Prefix}", static b => b.AddQueryCache(static o => o.KeyPrefix = "a*") },
        { $"Query cache 'shop': KeyPrefix is 'a:'; {Prefix}", static b => b.AddQueryCache(static o => o.KeyPrefix = "a:") },
        { "Domain events of cache 'shop': QueueCapacity is 0; it must be from 1 to 10000000.", static b => b.AddDomainEvents(static o => o.QueueCapacity = 0) },
        {
            "Domain events of cache 'shop': ShutdownTimeout is 01:00:01; it must be from 00:00:00 to 01:00:00.",
            static b => b.AddDomainEvents(static o => o.ShutdownTimeout = TimeSpan.FromSeconds(3601))
        },
    };

    [Fact]
    public void Query_options_have_the_documented_defaults()
    {
        var options = new QueryCacheOptions();
        Assert.Equal((TimeSpan.FromSeconds(300), "query_cache", true), (options.Expiration, options.KeyPrefix, options.Enabled));
        Assert.Equal((false, true, false), (options.CacheAllQueries, options.LogHits, options.LogMisses));
        Assert.True(new EventInvalidationRule(typeof(UserRegistered)).LogInvalidation);
        Assert.Equal((65_536, TimeSpan.FromSeconds(5)), (new DomainEventOptions().QueueCapacity, new DomainEventOptions().ShutdownTimeout));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Unusable_query_options_are_refused_when_the_host_starts(string message, Action<IUnstaleBuilder> add)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        add(builder.Services.AddUnstale("shop"));
        using var host = builder.Build();
        Assert.Equal(message, (await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Stop))).Message);
    }

    [Fact]
    public async Task Query_services_without_a_key_belong_to_the_default_cache_and_keyed_services_to_their_cache()
    {
        await using var services = new ServiceCollection()
            .AddUnstale("other").AddQueryCache().AddDomainEvents().AddCommandInvalidation(static _ => { }).Services
            .AddUnstale().AddQueryCache().AddQueryCache().AddDomainEvents().AddDomainEvents().AddCommandInvalidation(static _ => { }).Services.BuildServiceProvider();
        foreach (var type in new[] { typeof(QueryCache), typeof(IDomainEvents), typeof(CommandInvalidation), typeof(CompositeInvalidationStrategy), typeof(QueryInvalidator) })
        {
            Assert.Same(services.GetRequiredService(type), services.GetRequiredKeyedService(type, "default"));
            Assert.NotSame(services.GetRequiredService(type), services.GetRequiredKeyedService(type, "other"));
        }

        Assert.Equal(2, services.GetServices<IHostedService>().OfType<DomainEventsService>().Count());
    }
}
