namespace Shop.Http;

/// <summary>What a write did.</summary>
internal sealed record MessageAnswer(string Message);
