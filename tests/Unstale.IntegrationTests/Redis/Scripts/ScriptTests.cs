using Unstale.Redis.Connection;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Scripts;

/// <summary>Each script on a real server, and detection of each mistake planted in a script.</summary>
public sealed class ScriptTests : IAsyncLifetime
{
    private RedisServer _server = null!;
    private RawConnection _connection = null!;

    public static TheoryData<string> Scenarios => [.. ScriptScenarios.All.Keys];

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _connection = await RawConnection.ConnectAsync(_server.EndPoint);
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task The_scripts_pass_every_scenario(string scenario)
    {
        var rig = new ScriptRig(_connection);
        await rig.BeginAsync();
        await ScriptScenarios.All[scenario](rig);
    }

    [Fact]
    public async Task Every_mistake_planted_in_a_script_is_detected()
    {
        var missed = new List<string>();
        foreach (var mutant in ScriptMutants.All)
        {
            if (!await IsFoundAsync(mutant))
                missed.Add(mutant.Name);
        }

        Assert.Empty(missed);
    }

    [Fact]
    public void Every_planted_mistake_changes_one_place_of_the_scripts()
    {
        string[] parts = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "src/Unstale.Redis/Scripts"), "*.lua").Select(File.ReadAllText)];
        Assert.Empty(ScriptMutants.All.Where(m => parts.Sum(part => part.Split(m.Old).Length - 1) != 1).Select(static m => m.Name));
    }

    private async Task<bool> IsFoundAsync(ScriptMutant mutant)
    {
        var rig = new ScriptRig(_connection, mutant);
        try
        {
            await rig.BeginAsync();
            await ScriptScenarios.All[mutant.Scenario](rig);
            return false;
        }
        catch (Xunit.Sdk.XunitException)
        {
            return true;
        }
        catch (CallRefusedException failed) when (!failed.Message.Contains("compiling", StringComparison.Ordinal))
        {
            return true;
        }
    }
}
