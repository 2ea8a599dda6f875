namespace Unstale.Redis.Resp;

/// <summary>Who a connection is. It prints without its password.</summary>
/// <param name="User">The ACL user, or null for the default one.</param>
/// <param name="Password">The password or token.</param>
/// <param name="RenewAfter">When a connection asks for new credentials and authenticates again; null for never.</param>
internal sealed record RespCredentials(string? User, string Password, TimeSpan? RenewAfter = null)
{
    public string EffectiveUser => User ?? "default";

    public override string ToString() => EffectiveUser;
}

/// <summary>Gives the credentials of the moment: asked before each connection, and again when they are to be renewed.</summary>
internal delegate ValueTask<RespCredentials> RespCredentialsSource(CancellationToken ct);
