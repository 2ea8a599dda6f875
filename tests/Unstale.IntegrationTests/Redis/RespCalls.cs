using Unstale.Redis.Resp;
using Xunit;

namespace Unstale.IntegrationTests.Redis;

/// <summary>Commands as a test writes them.</summary>
internal static class RespCalls
{
    public static async Task<RespReply> RunAsync(this RespConnection connection, string name, params string[] arguments)
    {
        using var command = Command(name, arguments);
        return await connection.CallAsync(command, TestContext.Current.CancellationToken);
    }

    public static RespCommand Command(string name, params string[] arguments)
    {
        var command = RespCommand.Create(name);
        foreach (var argument in arguments)
        {
            command.Arg(argument);
        }

        return command;
    }
}
