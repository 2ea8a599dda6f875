namespace Unstale.Redis;

/// <summary>Who a connection to Redis is. It prints without its password.</summary>
/// <param name="User">The ACL user, or null for the default one.</param>
/// <param name="Password">The password or token.</param>
/// <param name="RenewAfter">When to ask for new credentials and authenticate again, from now on; null for never.</param>
public sealed record RedisCredentials(string? User, string Password, TimeSpan? RenewAfter = null)
{
    /// <summary>The user, and never the password.</summary>
    public override string ToString() => User ?? "default";
}
