using Xunit;

namespace Unstale.Tests.Support;

/// <summary>The seven keys of query results, and the number of matches of each pattern.</summary>
internal static class DocumentedQueryKeys
{
    public static string[] All { get; } =
    [
        "query_cache:ListUsersQuery:active", "query_cache:ListUsersQuery:active:hash_abc123", "query_cache:GetUserQuery:user:123", "query_cache:GetUserQuery:user:1234",
        "query_cache:GetUserQuery:user-123", "query_cache:GetOrdersByCustomerQuery:customer:456", "query_cache:GetActiveUsersQuery:x",
    ];

    public static TheoryData<string, int> Patterns { get; } = new()
    {
        { "query_cache:ListUsersQuery:*", 2 },
        { "query_cache:ListUsers:*", 0 },
        { "query_cache:GetUserQuery:*user-123*", 1 },
        { "query_cache:GetUserQuery:*123*", 3 },
        { "query_cache:*User*:*", 6 },
        { "query_cache:List*:*", 2 },
        { "query_cache:*user*:*", 2 },
        { "QUERY_CACHE:*", 0 },
        { "*", 7 },
    };
}
