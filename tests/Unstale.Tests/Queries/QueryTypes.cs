using Unstale.Queries;

namespace Unstale.Tests.Queries
{
    internal sealed record ListUsersQuery(string? Key) : ICacheableQuery
    {
        public string? CacheKey => Key;
    }

    internal sealed record GetUserQuery(string Key) : ICacheableQuery
    {
        public string? CacheKey => Key;

        public IEnumerable<string> Tags => [$"tag of {Key}"];
    }

    internal sealed record GetOrdersByCustomerQuery(string CacheKey) : ICacheableQuery;

    internal sealed record GetActiveUsersQuery(string CacheKey) : ICacheableQuery;

    [HashedQuery]
    internal sealed record SearchQuery(string Text, int Page);

    internal sealed record PlainQuery(int Id);

    [QueryName("Renamed")]
    internal sealed record NamedQuery(string CacheKey) : ICacheableQuery;

    internal sealed record GenericQuery<T>(string CacheKey) : ICacheableQuery;

    internal sealed record LifeQuery(TimeSpan? Expiration, TimeSpan? FreshFor = null, string? DataType = null) : ICacheableQuery
    {
        public string? CacheKey => "life";
    }

    internal interface IDomainEvent;

    internal interface IAboutUser : IDomainEvent
    {
        string UserId { get; }
    }

    internal record UserEvent(string UserId) : IAboutUser;

    internal sealed record UserRegistered(string UserId) : UserEvent(UserId);

    internal sealed record UserRenamed(string UserId) : UserEvent(UserId);

    internal sealed record OrderCreated(string CustomerId) : IDomainEvent;

    internal sealed record Unheard : IDomainEvent;
}

namespace Unstale.Tests.Queries.Elsewhere
{
    internal sealed record GetUserQuery(string CacheKey) : ICacheableQuery;
}
