namespace Shop.Http;

/// <summary>Result of a write.</summary>
internal sealed record MessageAnswer(string Message);
