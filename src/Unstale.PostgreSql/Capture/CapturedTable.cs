namespace Unstale.PostgreSql.Capture;

/// <summary>Table whose changes are captured.</summary>
/// <param name="Schema">Schema of the table.</param>
/// <param name="Name">Name of the table.</param>
/// <param name="Resource">Name of its changes.</param>
/// <param name="Ignored">Columns whose values leave no trace.</param>
internal sealed record CapturedTable(string Schema, string Name, string Resource, IReadOnlySet<string> Ignored)
{
    private const string Public = "public";

    /// <summary>Quoted name for statements.</summary>
    public string Quoted => $"{Quote(Schema)}.{Quote(Name)}";

    /// <summary>Reads a name with or without a schema. Returns null for any other text.</summary>
    public static CapturedTable? Parse(string table, string? resource, IEnumerable<string>? ignored)
    {
        var parts = table.Split('.');
        if (parts.Length > 2 || Array.Exists(parts, static part => part.Length == 0))
            return null;
        var (schema, name) = parts.Length == 1 ? (Public, table) : (parts[0], parts[1]);
        return new(schema, name, resource ?? (schema == Public ? name : $"{schema}.{name}"), (ignored ?? []).ToHashSet(StringComparer.Ordinal));
    }

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
