namespace Unstale.IntegrationTests.Redis.Scripts;

/// <summary>Mistake planted in a script, and the scenario that must fail because of it.</summary>
internal sealed record ScriptMutant(string Name, string Old, string New, string Scenario)
{
    /// <summary>Changes scripts that contain the text, and leaves others unchanged.</summary>
    public string Apply(string source) => source.Replace(Old, New, StringComparison.Ordinal);

    public override string ToString() => Name;
}
