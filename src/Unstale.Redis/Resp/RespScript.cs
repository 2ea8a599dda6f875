using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace Unstale.Redis.Resp;

/// <summary>A script that the server knows by the hash of its source, and learns again when it has forgotten it.</summary>
internal sealed class RespScript
{
    private readonly byte[] _sha;

    public RespScript(string source)
    {
        Source = source;
        Sha = Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(source)));
        _sha = Encoding.ASCII.GetBytes(Sha);
    }

    public string Source { get; }

    public string Sha { get; }

    /// <summary>A call to be completed with its keys, so many, and then its other arguments.</summary>
    public RespCommand Command(int keys) => RespCommand.Create("EVALSHA").Arg(_sha).Arg(keys);

    public async ValueTask LoadAsync(RespConnection connection, CancellationToken ct = default)
    {
        using var load = RespCommand.Create("SCRIPT").Arg("LOAD").Arg(Source);
        await connection.CallAsync(load, ct).ConfigureAwait(false);
    }

    /// <summary>
    /// Runs the script. When the server has forgotten it, it is loaded and the call repeated, so it may run after calls that were made
    /// later. The command is disposed by its maker.
    /// </summary>
    public ValueTask<RespReply> CallAsync(RespConnection connection, RespCommand command, CancellationToken ct = default) =>
        CallAsync(connection, command, connection.CommandTimeout, ct);

    /// <summary>The same with a limit of its own.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RespReply> CallAsync(RespConnection connection, RespCommand command, TimeSpan timeout, CancellationToken ct = default)
    {
        try
        {
            return await connection.CallAsync(command, timeout, ct).ConfigureAwait(false);
        }
        catch (RespServerException unknown) when (unknown.Kind == RespErrorKind.NoScript)
        {
            await LoadAsync(connection, ct).ConfigureAwait(false);
            return await connection.CallAsync(command, timeout, ct).ConfigureAwait(false);
        }
    }
}
