namespace Unstale.Redis.Resp;

/// <summary>What a server says about itself.</summary>
/// <param name="Name">redis, valkey or another.</param>
/// <param name="Version">Null when it cannot be read.</param>
/// <param name="Mode">standalone, sentinel or cluster.</param>
/// <param name="Role">master or replica.</param>
/// <param name="RunId">Changes with every start of the server; null where INFO is denied or hides it.</param>
internal sealed record RespServerInfo(string Name, Version? Version, string Mode, string Role, string? RunId)
{
    public static RespServerInfo Unknown { get; } = new("unknown", null, "", "", null);
}
