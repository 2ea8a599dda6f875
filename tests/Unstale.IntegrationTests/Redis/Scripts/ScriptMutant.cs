namespace Unstale.IntegrationTests.Redis.Scripts;

/// <summary>A mistake planted in a script, and the scenario that must fail then.</summary>
internal sealed record ScriptMutant(string Name, string Old, string New, string Scenario)
{
    /// <summary>Changes the scripts that hold the text, and leaves the others.</summary>
    public string Apply(string source) => source.Replace(Old, New, StringComparison.Ordinal);

    public override string ToString() => Name;
}
