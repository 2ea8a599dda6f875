namespace Unstale.PostgreSql.Connection;

/// <summary>Failure of a call to PostgreSQL, or of a connection. The message has the cause and the remedy, and no password.</summary>
internal sealed class DatabaseException(string message, Exception? inner = null) : IOException(message, inner);
