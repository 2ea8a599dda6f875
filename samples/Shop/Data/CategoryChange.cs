namespace Shop.Data;

/// <summary>What a write to a category changes; null leaves the name as it is.</summary>
internal sealed record CategoryChange(string? Name = null);
