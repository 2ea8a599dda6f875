namespace Shop.Load;

/// <summary>The load cannot run; the message is the one sentence for the user.</summary>
internal sealed class LoadException(string message) : Exception(message);
