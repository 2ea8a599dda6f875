using Unstale.Queries;

namespace Unstale.Tests.Documentation;

internal sealed record User(int Id, string Email, bool IsActive);

internal sealed record GetUser(int Id) : ICacheableQuery
{
    public string? CacheKey => $"user:{Id}";                             // query_cache:GetUser:user:123
    public IEnumerable<string> Tags => [$"user:{Id}"];
}

[HashedQuery]                                                            // query_cache:ListUsers:<hash of what it holds>
internal sealed record ListUsers(bool OnlyActive);

internal interface IUserEvent
{
    int UserId { get; }
}

internal sealed record UserRegistered(int UserId) : IUserEvent;

internal sealed record UserEmailChanged(int UserId) : IUserEvent;

internal sealed record CreateUser(string Email);

internal sealed record RenameUser(int UserId, string Name);

internal sealed record OrderCreated(long OrderId, int CustomerId);

internal sealed record OrderStatusChanged(long OrderId);

internal sealed class OrderCacheInvalidation : CacheInvalidationStrategy
{
    public OrderCacheInvalidation(QueryInvalidator invalidator)
        : base(invalidator)
    {
        InvalidateOn<OrderCreated>((e, i) => i.Glob($"query_cache:GetOrdersByCustomer:customer:{e.CustomerId}"));
        AddRule(new EventInvalidationRule(typeof(OrderStatusChanged))
        {
            Patterns = [new GlobPattern("query_cache:GetOrder:*"), new GlobPattern("query_cache:ListOrders:*")],
            LogInvalidation = false,
        });
    }
}
