namespace Shop.Load;

/// <summary>Thrown if the load cannot run. The message is the one sentence for the user.</summary>
internal sealed class LoadException(string message) : Exception(message);
